/** A room on a LiveKit server. Loaded when somebody calls, for it is larger than everything else. */

import {
  ConnectionError,
  ConnectionErrorReason,
  DisconnectReason,
  LogLevel,
  ParticipantKind,
  Room,
  RoomEvent,
  Track,
  TrackEvent,
  createAudioAnalyser,
  createLocalAudioTrack,
  setLogLevel,
  type LocalAudioTrack,
  type LocalTrack,
  type RemoteAudioTrack,
  type RemoteParticipant,
  type RemoteTrack,
} from 'livekit-client';
import {
  ClientProblem,
  type ClientListener,
  type ClientProblemKind,
  type DeviceChoice,
  type DeviceKind,
  type EndReason,
  type Levels,
  type Person,
  type Role,
  type RoomClient,
} from './client.js';
import { chosenDevices, keepDevice } from './devices.js';

/** Signed into the token by the server. */
const ROLE_ATTRIBUTE = 'aa.role';

const ROLES: readonly string[] = ['customer', 'agent', 'supervisor'] satisfies Role[];

const MICROPHONE_PROBLEMS: Readonly<Record<string, ClientProblemKind>> = {
  NotAllowedError: 'microphone_refused',
  SecurityError: 'microphone_refused',
  NotFoundError: 'microphone_missing',
  OverconstrainedError: 'microphone_missing',
};

const ENDS: Partial<Record<DisconnectReason, EndReason>> = {
  [DisconnectReason.DUPLICATE_IDENTITY]: 'elsewhere',
  [DisconnectReason.PARTICIPANT_REMOVED]: 'over',
  [DisconnectReason.ROOM_DELETED]: 'over',
  [DisconnectReason.ROOM_CLOSED]: 'over',
};

const DEFAULT_DEVICE = 'default';

/** Whoever came, went, got a name or touched their microphone. */
const PEOPLE_EVENTS = [
  RoomEvent.Connected,
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.ParticipantNameChanged,
  RoomEvent.ParticipantAttributesChanged,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
] as const;

setLogLevel(LogLevel.error);

export function openClient(listener: ClientListener): RoomClient {
  return new LiveKitClient(listener);
}

type Analyser = ReturnType<typeof createAudioAnalyser>;

class LiveKitClient implements RoomClient {
  readonly #room = new Room({ audioOutput: { deviceId: chosenDevices(localStorage).speaker ?? DEFAULT_DEVICE } });
  readonly #heard = new Map<RemoteAudioTrack, Analyser>();
  #microphone: LocalAudioTrack | null = null;
  #mine: Analyser | null = null;
  #wantsMute = false;
  #volume = 1;
  /** What ends before is a failed connection, which `connect` tells. */
  #entered = false;
  #closed = false;

  constructor(private readonly listener: ClientListener) {
    const room = this.#room;
    for (const event of PEOPLE_EVENTS) room.on(event, () => listener.onPeople(this.#people()));
    room
      .on(RoomEvent.TrackSubscribed, (track) => this.#play(track))
      .on(RoomEvent.TrackUnsubscribed, (track) => this.#silence(track))
      .on(RoomEvent.SignalReconnecting, () => listener.onReconnecting())
      .on(RoomEvent.Reconnecting, () => listener.onReconnecting())
      .on(RoomEvent.Reconnected, () => this.#reconnected())
      .on(RoomEvent.MediaDevicesChanged, () => void this.#tellDevices())
      .on(RoomEvent.AudioPlaybackStatusChanged, () => listener.onSound(!room.canPlaybackAudio))
      .on(RoomEvent.Disconnected, (reason) => this.#disconnected(reason));
  }

  async takeMicrophone(): Promise<void> {
    const track = await asked(createTrack);
    if (this.#closed) return track.stop();
    this.#microphone = track;
    this.#listenTo(track);
    track.on(TrackEvent.Restarted, () => {
      this.#listenTo(track);
      void this.#tellDevices();
    });
    track.on(TrackEvent.Muted, () => this.#mutedItself());
    await this.#tellDevices();
  }

  async connect(url: string, token: string): Promise<void> {
    try {
      await this.#room.connect(url, token);
      await this.#publish();
      this.#entered = true;
    } catch (error) {
      throw new ClientProblem(roomProblem(error));
    }
    this.listener.onPeople(this.#people());
  }

  async mute(muted: boolean): Promise<void> {
    const track = this.#microphone;
    if (!track) return;
    this.#wantsMute = muted;
    if (muted) await track.mute();
    else await asked(() => track.unmute());
  }

  async useDevice(kind: DeviceKind, id: string): Promise<void> {
    try {
      if (kind === 'speaker') await this.#room.switchActiveDevice('audiooutput', id);
      else await asked(async () => void (await this.#microphone?.setDeviceId({ exact: id })));
      keepDevice(localStorage, kind, id);
    } finally {
      await this.#tellDevices();
    }
  }

  setVolume(volume: number): void {
    this.#volume = volume;
    for (const track of this.#heard.keys()) track.setVolume(volume);
  }

  async playSound(): Promise<void> {
    await this.#room.startAudio();
  }

  levels(): Levels {
    const me = this.#microphone?.isMuted ? 0 : (this.#mine?.calculateVolume() ?? 0);
    const others = [...this.#heard.values()].map((analyser) => analyser.calculateVolume());
    return { me, others: Math.max(0, ...others) };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#microphone?.stop();
    void this.#mine?.cleanup();
    for (const track of [...this.#heard.keys()]) this.#silence(track);
    void this.#room.disconnect();
  }

  async #publish(): Promise<void> {
    if (!this.#microphone) return;
    const track = this.#microphone as LocalTrack;
    await this.#room.localParticipant.publishTrack(track, { source: Track.Source.Microphone });
  }

  #listenTo(track: LocalAudioTrack): void {
    void this.#mine?.cleanup();
    this.#mine = createAudioAnalyser(track);
  }

  async #tellDevices(): Promise<void> {
    const current = (await this.#microphone?.getDeviceId(false)) ?? DEFAULT_DEVICE;
    const speaker = this.#room.getActiveDevice('audiooutput') ?? DEFAULT_DEVICE;
    const [microphones, speakers] = await Promise.all([choice('audioinput', current), choice('audiooutput', speaker)]);
    if (!this.#closed) this.listener.onDevices({ microphone: microphones, speaker: speakers });
  }

  /** The client goes over to another device by itself when one is unplugged, and mutes when there is none. */
  #mutedItself(): void {
    if (!this.#wantsMute && !this.#closed) this.listener.onMicrophoneLost();
  }

  #reconnected(): void {
    this.listener.onPeople(this.#people());
    this.listener.onReconnected();
  }

  #disconnected(reason: DisconnectReason | undefined): void {
    if (this.#closed || !this.#entered) return;
    this.listener.onEnded((reason !== undefined && ENDS[reason]) || 'lost');
  }

  #play(track: RemoteTrack): void {
    if (track.kind !== Track.Kind.Audio) return;
    const audio = track as RemoteAudioTrack;
    audio.setVolume(this.#volume);
    document.body.append(audio.attach());
    this.#heard.set(audio, createAudioAnalyser(audio));
  }

  #silence(track: RemoteTrack): void {
    for (const element of track.detach()) element.remove();
    const audio = track as RemoteAudioTrack;
    void this.#heard.get(audio)?.cleanup();
    this.#heard.delete(audio);
  }

  #people(): Person[] {
    return [...this.#room.remoteParticipants.values()].filter(isSomebody).map(personOf);
  }
}

/** The chosen microphone where it is plugged in, else the system's. */
function createTrack(): Promise<LocalAudioTrack> {
  const { microphone } = chosenDevices(localStorage);
  return createLocalAudioTrack({
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...(microphone === undefined ? {} : { deviceId: { ideal: microphone } }),
  });
}

async function choice(kind: MediaDeviceKind, current: string): Promise<DeviceChoice> {
  const found = await Room.getLocalDevices(kind, false);
  const named = found.filter(({ deviceId, label }) => deviceId && label);
  return { devices: named.map(({ deviceId, label }) => ({ id: deviceId, label })), current };
}

/** What the browser objects to, as a problem of the microphone. */
async function asked<Value>(ask: () => Promise<Value>): Promise<Value> {
  if (!navigator.mediaDevices) throw new ClientProblem('microphone_insecure');
  try {
    return await ask();
  } catch (error) {
    throw new ClientProblem(MICROPHONE_PROBLEMS[(error as Error).name] ?? 'microphone_busy');
  }
}

function roomProblem(error: unknown): ClientProblemKind {
  const refused = error instanceof ConnectionError && error.reason === ConnectionErrorReason.NotAllowed;
  return refused ? 'room_refused' : 'room_unreachable';
}

function isSomebody({ kind }: RemoteParticipant): boolean {
  return kind !== ParticipantKind.EGRESS && kind !== ParticipantKind.INGRESS;
}

function personOf(participant: RemoteParticipant): Person {
  const microphones = [...participant.audioTrackPublications.values()];
  return {
    identity: participant.identity,
    name: participant.name ?? '',
    role: roleOf(participant),
    publishes: microphones.length > 0,
    muted: microphones.length > 0 && microphones.every((publication) => publication.isMuted),
  };
}

function roleOf({ kind, attributes }: RemoteParticipant): Role {
  if (kind === ParticipantKind.AGENT) return 'bot';
  const signed = attributes[ROLE_ATTRIBUTE];
  if (signed && ROLES.includes(signed)) return signed as Role;
  const dialled = kind === ParticipantKind.SIP || kind === ParticipantKind.CONNECTOR;
  return dialled ? 'customer' : 'unknown';
}
