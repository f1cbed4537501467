import type { CallView } from '../store/desk-state.js';

const PLAIN_TITLE = 'Assist';

/** Calls an agent whose eyes are elsewhere, once for every answer of a supervisor and every whisper. */
export class Attention {
  #sessionId: string | null = null;
  #known: ReadonlySet<string> = new Set();

  constructor(
    private readonly chime: () => void,
    private readonly page: Pick<Document, 'title' | 'hidden'>,
  ) {}

  notice(view: CallView | null, sounds: boolean): void {
    if (view?.phase !== 'ready') return;
    const present = fromPeople(view);
    const isOther = view.state.sessionId !== this.#sessionId;
    const news = isOther ? [] : present.filter((id) => !this.#known.has(id));
    this.#sessionId = view.state.sessionId;
    this.#known = new Set([...(isOther ? [] : this.#known), ...present]);
    if (!news.length) return;
    if (this.page.hidden) this.page.title = `(${news.length}) Answer from a supervisor`;
    if (sounds) this.chime();
  }

  seen(): void {
    this.page.title = PLAIN_TITLE;
  }
}

function fromPeople({ state }: CallView): readonly string[] {
  const cards = state.cards.filter((card) => card.origin === 'supervisor');
  return [...cards, ...state.whispers].map(({ id }) => id);
}
