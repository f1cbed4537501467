/** One visit to a room: microphone first, then leave to enter, then the room itself; and whatever happens there. */

import { Observable } from '../shared/observable.js';
import type {
  ClientListener,
  DeviceKind,
  Devices,
  EndReason,
  Levels,
  OpenClient,
  Person,
  RoomClient,
} from './client.js';
import type { Grant } from './wire.js';

export type Phase = 'idle' | 'connecting' | 'waiting' | 'connected' | 'reconnecting' | 'ended';

/** What is being waited for while connecting. */
export type Step = 'microphone' | 'grant' | 'room';

/** "none": this visit is for listening only. */
export type Microphone = 'none' | 'on' | 'muted' | 'lost';

export interface RoomState {
  phase: Phase;
  step: Step;
  /** Why it ended; null while it goes on. */
  end: EndReason | null;
  /** What went wrong: a ClientProblem, or what the request for leave was answered. */
  problem: unknown;
  people: readonly Person[];
  /** Somebody who was waited for has been here. */
  met: boolean;
  microphone: Microphone;
  /** Null: not known, or this visit is for listening only. */
  devices: Devices | null;
  /** The device that was chosen last cannot be used. */
  deviceRefused: DeviceKind | null;
  /** The browser plays nothing until the person has clicked. */
  silenced: boolean;
  /** 0 to 1. */
  volume: number;
  /** When the first of those who were waited for came, and when it ended; local clock. */
  metAtMs: number | null;
  endedAtMs: number | null;
}

export interface RoomPorts {
  open: OpenClient;
  nowMs(): number;
  setTimer(run: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
  /** Whether the visit was made to meet this person. */
  meets(person: Person): boolean;
  /** Alone for this long after a meeting: it is over. Null: one waits. */
  aloneMs: number | null;
}

/** Somebody left while something was still awaited. */
class Left extends Error {}

export class RoomStore extends Observable<RoomState> {
  #client: RoomClient | null = null;
  #visit = 0;
  #aloneTimer: unknown = null;

  constructor(private readonly ports: RoomPorts) {
    super(nowhere());
  }

  get isOpen(): boolean {
    return this.state.phase !== 'idle' && this.state.phase !== 'ended';
  }

  /** Never rejects: how it went is in the state. */
  async join(grant: () => Promise<Grant>, { microphone }: { microphone: boolean }): Promise<void> {
    this.#drop();
    const visit = this.#visit;
    this.set({ ...nowhere(), volume: this.state.volume, phase: 'connecting', step: microphone ? 'microphone' : 'grant' });
    try {
      await this.#enter(visit, grant, microphone);
    } catch (problem) {
      if (visit === this.#visit) this.#end('failed', problem);
    }
  }

  leave(): void {
    if (this.isOpen) this.#end('left');
  }

  /** It is known from elsewhere that the call is over. */
  finish(): void {
    if (this.isOpen) this.#end('over');
  }

  /** Forgets how the last visit ended. */
  clear(): void {
    if (!this.isOpen) this.set({ ...nowhere(), volume: this.state.volume });
  }

  /** A microphone that was lost is asked for again. */
  async toggleMute(): Promise<void> {
    const { microphone } = this.state;
    if (microphone === 'none') return;
    const visit = this.#visit;
    const muted = microphone === 'on';
    try {
      await this.#client?.mute(muted);
      if (visit === this.#visit) this.set({ microphone: muted ? 'muted' : 'on', problem: null });
    } catch (problem) {
      if (visit === this.#visit) this.set({ microphone: 'lost', problem });
    }
  }

  async useDevice(kind: DeviceKind, id: string): Promise<void> {
    const visit = this.#visit;
    this.set({ deviceRefused: null });
    try {
      await this.#client?.useDevice(kind, id);
    } catch {
      if (visit === this.#visit) this.set({ deviceRefused: kind });
    }
  }

  setVolume(volume: number): void {
    this.set({ volume });
    this.#client?.setVolume(volume);
  }

  async playSound(): Promise<void> {
    await this.#client?.playSound();
  }

  levels(): Levels {
    return this.#client?.levels() ?? { me: 0, others: 0 };
  }

  async #enter(visit: number, grant: () => Promise<Grant>, microphone: boolean): Promise<void> {
    const client = await this.ports.open(this.#listener(visit));
    if (visit !== this.#visit) return client.close();
    this.#client = client;
    client.setVolume(this.state.volume);
    if (microphone) {
      await this.#still(visit, client.takeMicrophone());
      this.set({ microphone: 'on', step: 'grant' });
    }
    const { url, token } = await this.#still(visit, grant());
    this.set({ step: 'room' });
    await this.#still(visit, client.connect(url, token));
    this.#settle();
  }

  async #still<Value>(visit: number, awaited: Promise<Value>): Promise<Value> {
    const value = await awaited;
    if (visit !== this.#visit) throw new Left();
    return value;
  }

  #listener(visit: number): ClientListener {
    const now = (run: () => void): void => {
      if (visit === this.#visit && this.isOpen) run();
    };
    return {
      onPeople: (people) => now(() => this.#came(people)),
      onReconnecting: () => now(() => this.#reconnecting()),
      onReconnected: () => now(() => this.#settle()),
      onEnded: (reason) => now(() => this.#end(reason)),
      onSound: (silenced) => now(() => this.set({ silenced })),
      onDevices: (devices) => now(() => this.set({ devices })),
      onMicrophoneLost: () => now(() => this.set({ microphone: 'lost' })),
    };
  }

  #came(people: readonly Person[]): void {
    this.set({ people });
    if (this.state.phase === 'waiting' || this.state.phase === 'connected') this.#settle();
  }

  #reconnecting(): void {
    if (this.state.phase === 'connecting') return;
    this.#stopAloneTimer();
    this.set({ phase: 'reconnecting' });
  }

  #settle(): void {
    const here = this.state.people.some((person) => this.ports.meets(person));
    if (here) this.#stopAloneTimer();
    else this.#startAloneTimer();
    const metAtMs = this.state.metAtMs ?? (here ? this.ports.nowMs() : null);
    this.set({ phase: here ? 'connected' : 'waiting', met: metAtMs !== null, metAtMs });
  }

  #startAloneTimer(): void {
    const { aloneMs } = this.ports;
    if (aloneMs === null || !this.state.met || this.#aloneTimer !== null) return;
    this.#aloneTimer = this.ports.setTimer(() => this.#end('alone'), aloneMs);
  }

  #stopAloneTimer(): void {
    if (this.#aloneTimer !== null) this.ports.clearTimer(this.#aloneTimer);
    this.#aloneTimer = null;
  }

  #end(end: EndReason, problem: unknown = null): void {
    this.#drop();
    const endedAtMs = this.ports.nowMs();
    const gone = { people: [], microphone: 'none', devices: null, deviceRefused: null, silenced: false } as const;
    this.set({ ...gone, phase: 'ended', end, problem, endedAtMs });
  }

  /** Whatever this visit still awaits comes to nothing. */
  #drop(): void {
    this.#visit += 1;
    this.#stopAloneTimer();
    this.#client?.close();
    this.#client = null;
  }
}

export function browserRoomPorts(open: OpenClient): Omit<RoomPorts, 'meets' | 'aloneMs'> {
  return {
    open,
    nowMs: () => Date.now(),
    setTimer: (run, delayMs) => setTimeout(run, delayMs),
    clearTimer: (timer) => clearTimeout(timer as number),
  };
}

export function nowhere(): RoomState {
  return {
    phase: 'idle',
    step: 'grant',
    end: null,
    problem: null,
    people: [],
    met: false,
    microphone: 'none',
    devices: null,
    deviceRefused: null,
    silenced: false,
    volume: 1,
    metAtMs: null,
    endedAtMs: null,
  };
}
