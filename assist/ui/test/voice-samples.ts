import type { ClientListener, Levels, Person, RoomClient } from '../src/voice/client.js';
import type { RoomPorts } from '../src/voice/room.js';
import type { BrowserCall } from '../src/voice/wire.js';

export function person(role: Person['role'], change: Partial<Person> = {}): Person {
  return { identity: role, name: '', role, publishes: role !== 'supervisor', muted: false, ...change };
}

export const GRANT: BrowserCall = {
  session_id: 'call-1',
  call_id: 'browser-1',
  room: 'room-1',
  url: 'wss://livekit.example',
  token: 'signed',
  identity: 'agent-1',
  expires_in: 600,
  customer_link: '/call?invite=abc',
};

/** Lets everything that waits for nothing run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** A client that the test plays. */
export class PlayedClient implements RoomClient {
  listener: ClientListener | null = null;
  /** What the next microphone, connection or change of the mute ends with. */
  refusal: Error | null = null;
  /** Whether the microphone waits for the person. */
  asks = false;
  readonly calls: string[] = [];
  closed = false;
  timers: (() => void)[] = [];
  #allow: (() => void) | null = null;

  ports(meets: (person: Person) => boolean, aloneMs: number | null = null): RoomPorts {
    return {
      open: (listener) => {
        this.listener = listener;
        this.closed = false;
        return Promise.resolve(this);
      },
      nowMs: () => 5_000,
      setTimer: (run) => this.timers.push(run),
      clearTimer: (timer) => void this.timers.splice((timer as number) - 1, 1),
      meets,
      aloneMs,
    };
  }

  allow(): void {
    this.#allow?.();
  }

  takeMicrophone(): Promise<void> {
    if (this.asks) return new Promise((resolve) => (this.#allow = resolve));
    return this.#done('microphone');
  }

  connect(url: string): Promise<void> {
    return this.#done(`connect ${url}`);
  }

  mute(muted: boolean): Promise<void> {
    return this.#done(muted ? 'mute' : 'unmute');
  }

  useDevice(kind: string, id: string): Promise<void> {
    return this.#done(`${kind} ${id}`);
  }

  setVolume(volume: number): void {
    this.calls.push(`volume ${volume}`);
  }

  playSound(): Promise<void> {
    return this.#done('sound');
  }

  levels(): Levels {
    return { me: 0.5, others: 0.25 };
  }

  close(): void {
    this.closed = true;
  }

  #done(what: string): Promise<void> {
    this.calls.push(what);
    const { refusal } = this;
    return refusal ? Promise.reject(refusal) : Promise.resolve();
  }
}
