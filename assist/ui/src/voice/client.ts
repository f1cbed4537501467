/** What a room needs of whatever carries the sound. `livekit.ts` is the real one. */

export type Role = 'customer' | 'agent' | 'supervisor' | 'bot' | 'unknown';

/** Somebody else in the room. */
export interface Person {
  identity: string;
  name: string;
  role: Role;
  /** They have a microphone in the room, on or muted. */
  publishes: boolean;
  muted: boolean;
}

export type EndReason = 'left' | 'over' | 'elsewhere' | 'alone' | 'lost' | 'failed';

/** A device of sound, as the browser names it. */
export interface Device {
  id: string;
  label: string;
}

export type DeviceKind = 'microphone' | 'speaker';

/** Those of one kind, and the one in use; an empty list where the browser does not let pages choose. */
export interface DeviceChoice {
  devices: readonly Device[];
  current: string;
}

export type Devices = Readonly<Record<DeviceKind, DeviceChoice>>;

export interface ClientListener {
  onPeople(people: readonly Person[]): void;
  onReconnecting(): void;
  onReconnected(): void;
  /** The connection is over, and we did not end it. */
  onEnded(reason: EndReason): void;
  /** The browser plays nothing until the person has clicked. */
  onSound(blocked: boolean): void;
  /** The microphone was unplugged or taken away. */
  onMicrophoneLost(): void;
  /** Which devices there are, and which are in use. */
  onDevices(devices: Devices): void;
}

export interface Levels {
  /** 0 to 1. */
  me: number;
  others: number;
}

export interface RoomClient {
  /** Before `connect`, which then puts it into the room. Rejects with ClientProblem. */
  takeMicrophone(): Promise<void>;
  /** Rejects with ClientProblem. */
  connect(url: string, token: string): Promise<void>;
  /** Not muted any more, it may have to be asked for again: rejects with ClientProblem. */
  mute(muted: boolean): Promise<void>;
  /** Remembered for the next call. Rejects when the browser cannot use it. */
  useDevice(kind: DeviceKind, id: string): Promise<void>;
  /** 0 to 1. */
  setVolume(volume: number): void;
  /** After a click. */
  playSound(): Promise<void>;
  levels(): Levels;
  /** Leaves and lets go of the microphone. Repeats do nothing. */
  close(): void;
}

export type OpenClient = (listener: ClientListener) => Promise<RoomClient>;

export type ClientProblemKind =
  | 'microphone_refused'
  | 'microphone_missing'
  | 'microphone_busy'
  /** Browsers give it to pages that came over https only. */
  | 'microphone_insecure'
  | 'room_refused'
  | 'room_unreachable';

export class ClientProblem extends Error {
  constructor(readonly kind: ClientProblemKind) {
    super(kind);
  }
}

/** Loads the client first; most people who open a page never call. */
export const openLiveKit: OpenClient = async (listener) => {
  const { openClient } = await import('./livekit.js');
  return openClient(listener);
};
