import { CONFIDENCE_WORDS, confidenceOf, splitAnswer } from '../shared/answer-text.js';
import type { CallView, Notice } from '../store/desk-state.js';
import { listeningOf } from '../store/listening.js';

/** The one sentence a screen reader hears: each new suggestion once, when it is complete, a lost connection or transcription, and notices. */
export class Announcer {
  #sessionId: string | null = null;
  #seq = 0;
  #refinedSeq = 0;
  #whispers = 0;
  #phase = '';
  #trouble = '';
  #text = '';
  #notice: Notice | null = null;

  text(view: CallView | null, notice: Notice | null): string {
    if (view?.phase === 'ready') this.#call(view);
    if (notice && notice !== this.#notice) this.#text = notice.text;
    this.#notice = notice;
    return this.#text;
  }

  #call(view: CallView): void {
    if (view.state.sessionId !== this.#sessionId) {
      this.#sessionId = view.state.sessionId;
      this.#seq = this.#refinedSeq = view.state.seq;
      this.#whispers = view.state.whispers.length;
      this.#text = '';
      this.#trouble = '';
    }
    this.#connection(view.connection.phase);
    this.#listening(listeningOf(view.state)?.title ?? '');
    const turn = view.state.turn;
    if (turn && turn.seq > this.#seq) {
      this.#seq = turn.seq;
      const heard = view.mutedAtTurn === null || turn.origin === 'supervisor';
      this.#text = heard ? sentence(view) : '';
    }
    const { refined, whispers } = view.state;
    const whisper = whispers.length > this.#whispers ? whispers.at(-1) : undefined;
    this.#whispers = whispers.length;
    if (whisper) this.#text = `Message from ${whisper.from_name}: ${whisper.text}`;
    if (refined && refined.seq > this.#refinedSeq) {
      this.#refinedSeq = refined.seq;
      if (view.mutedAtTurn === null) this.#text = rewording(view, refined.id);
    }
  }

  #listening(trouble: string): void {
    if (trouble === this.#trouble) return;
    this.#text = trouble ? `${trouble}.` : 'Words are transcribed.';
    this.#trouble = trouble;
  }

  #connection(phase: string): void {
    const lost = phase === 'reconnecting' && this.#phase !== phase;
    const back = phase === 'live' && this.#phase !== phase && this.#text.startsWith('Connection lost');
    if (lost) this.#text = 'Connection lost. Reconnecting.';
    if (back) this.#text = 'Connected again.';
    if (phase !== 'connecting' && phase !== 'catching_up') this.#phase = phase;
  }
}

function sentence(view: CallView): string {
  const { turn, cards, questions } = view.state;
  const card = cards.find((candidate) => candidate.turn === turn?.turn && candidate.status === 'active');
  if (turn?.outcome === 'no_answer') return 'Nothing found in the knowledge base.';
  if (turn?.outcome === 'clarify') return `Ask the customer: ${questions[0]?.text ?? ''}`;
  if (!card) return '';
  const { headline } = splitAnswer(card.text || card.title);
  if (card.origin === 'supervisor') return `Answer from ${card.answered_by}: ${headline}`;
  const sure = CONFIDENCE_WORDS[confidenceOf(card.confidence_score)];
  return `Suggestion, ${sure.toLowerCase()}: ${headline}`;
}

/** Words that are still being written are never read out; the whole is, once. */
function rewording(view: CallView, id: string): string {
  const card = view.state.cards.find((candidate) => candidate.id === id && !candidate.dismissed);
  return card ? `Answer written out: ${splitAnswer(card.text || card.title).headline}` : '';
}
