import { LitElement, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { Http } from '../api/http.js';
import type { Action, Tab } from '../shared/actions.js';
import { icon, type IconName } from '../shared/icons.js';
import { blank, controls, reset } from '../shared/styles.js';
import { applyTheme, isDark } from '../shared/theme.js';
import { shownText } from '../store/call-state.js';
import { mayAct, seesAllCalls, withLatestWords, type DeskState } from '../store/desk-state.js';
import { DeskStore } from '../store/desk-store.js';
import { DeskVoice, offeredCall } from '../store/desk-voice.js';
import { shortcutFor, type Keymap, type ShortcutName } from '../store/shortcuts.js';
import { chime } from '../shared/chime.js';
import { Follows } from '../shared/observable.js';
import { openLiveKit } from '../voice/client.js';
import { browserRoomPorts } from '../voice/room.js';
import { Announcer } from './announcer.js';
import { Attention } from './attention.js';
import './call-list.js';
import { deskStyles } from './desk-styles.js';
import './shortcuts-dialog.js';
import type { ShortcutsDialog } from './shortcuts-dialog.js';
import './sign-in.js';
import './start-call.js';
import type { StartCall } from './start-call.js';
import './suggestions.js';
import type { Suggestions } from './suggestions.js';
import './top-bar.js';
import './transcript.js';
import './voice-bar.js';

const TABS: readonly { tab: Tab; label: string; icon: IconName }[] = [
  { tab: 'suggestions', label: 'Suggestions', icon: 'card' },
  { tab: 'transcript', label: 'Transcript', icon: 'lines' },
  { tab: 'calls', label: 'Calls', icon: 'phone' },
];

@customElement('assist-desk')
export class Desk extends LitElement {
  readonly #http = new Http();
  readonly #store = new DeskStore(this.#http);
  readonly #voice = new DeskVoice({
    ...browserRoomPorts(openLiveKit),
    http: this.#http,
    onMade: (sessionId) => this.#made(sessionId),
    onOver: () => this.#store.notify('The call has ended'),
  });
  readonly #announcer = new Announcer();
  readonly #attention = new Attention(chime, document);
  @state() private desk: DeskState = this.#store.state;
  /** On a narrow screen one panel shows at a time. */
  @state() private tab: Tab = 'suggestions';
  @query('assist-suggestions') private readonly suggestions!: Suggestions;
  @query('assist-shortcuts-dialog') private readonly shortcuts!: ShortcutsDialog;
  @query('assist-start-call') private readonly startCall!: StartCall;

  static override styles = [reset, controls, blank, deskStyles];

  constructor() {
    super();
    new Follows(this).follow(this.#voice);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#store.addEventListener('change', this.#changed);
    this.addEventListener('assist-action', (event) => this.#act((event as CustomEvent<Action>).detail));
    document.addEventListener('keydown', this.#pressed);
    document.addEventListener('visibilitychange', this.#looked);
    void this.#store.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#store.removeEventListener('change', this.#changed);
    document.removeEventListener('keydown', this.#pressed);
    document.removeEventListener('visibilitychange', this.#looked);
  }

  override render() {
    switch (this.desk.session.phase) {
      case 'loading':
        return html`<p class="waiting" role="status">Opening your desk…</p>`;
      case 'unreachable':
        return this.#unreachable();
      case 'signed_out':
        return html`${this.#voiceBar()}<assist-sign-in .session=${this.desk.session}></assist-sign-in>`;
      default:
        return this.#signedIn();
    }
  }

  #signedIn() {
    const { desk } = this;
    return html`<assist-top-bar .desk=${desk}></assist-top-bar>
      ${this.#voiceBar()}
      <main data-tab=${this.tab}>
        <nav class="calls" aria-label="Calls">
          <assist-call-list
            .calls=${{ ...desk.calls, active: withLatestWords(desk.calls.active, desk.view) }}
            .selectedId=${desk.selectedId}
            ?all=${seesAllCalls(desk.session.user)}
            ?mayCall=${this.#voice.state.enabled}
            ?inCall=${this.#voice.room.isOpen}
          ></assist-call-list>
        </nav>
        <assist-transcript
          .view=${desk.view}
          ?autoScroll=${desk.preferences.autoScroll}
          .askKey=${desk.preferences.keymap.ask}
          ?watching=${!mayAct(desk.session.user)}
        ></assist-transcript>
        <assist-suggestions
          .view=${desk.view}
          .keymap=${desk.preferences.keymap}
          ?watching=${!mayAct(desk.session.user)}
        ></assist-suggestions>
      </main>
      ${this.#tabs()}
      <div class="visually-hidden" role="status">${this.#announcer.text(desk.view, desk.notice)}</div>
      ${desk.notice ? html`<p class="notice ${desk.notice.kind}">${desk.notice.text}</p>` : nothing}
      <assist-shortcuts-dialog
        .keymap=${desk.preferences.keymap}
        @keymap=${this.#remapped}
      ></assist-shortcuts-dialog>
      <assist-start-call></assist-start-call>`;
  }

  /** Also over the sign-in: a session that runs out cuts nobody off. */
  #voiceBar() {
    const { calls, selectedId, session } = this.desk;
    return html`<assist-voice-bar
      .voice=${this.#voice.state}
      .offer=${offeredCall(this.#voice.state, calls.active, selectedId, session.user)}
      .selectedId=${selectedId}
      .levels=${this.#levels}
    ></assist-voice-bar>`;
  }

  readonly #levels = () => this.#voice.room.levels();

  #tabs() {
    return html`<nav class="tabs" aria-label="Panels">
      ${TABS.map(
        ({ tab, label, icon: name }) =>
          html`<button type="button" aria-current=${tab === this.tab} @click=${() => (this.tab = tab)}>
            ${icon(name)}${label}
          </button>`,
      )}
    </nav>`;
  }

  #unreachable() {
    return html`<main class="blank waiting">
      ${icon('warn')}<strong>The server cannot be reached</strong>
      <p>Trying again by itself every few seconds.</p>
    </main>`;
  }

  #act(action: Action): void {
    const { controller } = this.#store;
    switch (action.kind) {
      case 'select':
        this.tab = 'suggestions';
        return this.#store.select(action.sessionId);
      case 'report':
        return this.#report(action);
      case 'copy':
        return void this.#copy(action);
      case 'feedback':
        return controller?.feedback(action.id, action.verdict, action.reason);
      case 'pin':
        return controller?.togglePin(action.id);
      case 'ask':
        return controller?.ask(action.text);
      case 'escalate':
        return controller?.escalate(action.question);
      case 'heard':
        return controller?.hear(action.id);
      case 'subject':
        return controller?.correctSubject(action.name, action.dismissed);
      case 'mute':
        return controller?.toggleMute();
      default:
        return this.#actOnDesk(action);
    }
  }

  #actOnDesk(action: Action): void {
    switch (action.kind) {
      case 'theme':
        return this.#toggleTheme();
      case 'help':
        return this.shortcuts.toggle();
      case 'sounds':
        return this.#store.setPreferences({ sounds: action.on });
      case 'autoScroll':
        return this.#store.setPreferences({ autoScroll: action.on });
      case 'signIn':
        return void this.#store.signIn(action.email, action.password);
      case 'signOut':
        this.#voice.room.leave();
        return void this.#store.signOut();
      case 'retry':
        return void this.#store.refreshCalls();
      default:
        this.#actOnVoice(action);
    }
  }

  #actOnVoice(action: Action): void {
    switch (action.kind) {
      case 'askForCall':
        return this.startCall.open();
      case 'startCall':
        return void this.#voice.start(action);
      case 'rejoin':
        return void this.#voice.rejoin(action.sessionId, action.customer);
      case 'volume':
        return this.#voice.room.setVolume(action.volume);
      case 'device':
        return void this.#voice.room.useDevice(action.device, action.id);
      case 'voice':
        return this.#voice.wish(action.what);
    }
  }

  #made(sessionId: string): void {
    this.tab = 'suggestions';
    this.#store.select(sessionId);
    void this.#store.refreshCalls();
  }

  /** Only what the call's own agent saw and did counts; a supervisor looking on leaves no trace. */
  #report(action: Extract<Action, { kind: 'report' }>): void {
    const own = this.desk.session.user?.role === 'agent';
    if (own || action.report === 'dismissed') this.#store.controller?.report(action.report, action.id);
  }

  async #copy(action: Extract<Action, { kind: 'copy' }>): Promise<void> {
    try {
      await copyText(action.text);
    } catch {
      return this.#store.notify(
        'The browser did not allow copying. Select the text and copy it by hand.',
        'error',
      );
    }
    this.#store.notify(`${action.what} copied`);
    if (action.id) this.#report({ kind: 'report', report: 'copied', id: action.id });
  }

  #toggleTheme(): void {
    const theme = isDark(this.desk.preferences.theme) ? 'light' : 'dark';
    this.#store.setPreferences({ theme });
    applyTheme(theme);
    this.requestUpdate();
  }

  #remapped(event: CustomEvent<Keymap>): void {
    this.#store.setPreferences({ keymap: event.detail });
  }

  readonly #changed = (): void => {
    const { user } = this.desk.session;
    this.desk = this.#store.state;
    const { session, calls, view } = this.desk;
    if (session.user && session.user.id !== user?.id) void this.#voice.load(session.user);
    this.#voice.notice(calls, view);
    this.#attention.notice(this.desk.view, this.desk.preferences.sounds);
  };

  readonly #looked = (): void => {
    if (!document.hidden) this.#attention.seen();
  };

  readonly #pressed = (event: KeyboardEvent): void => {
    if (this.desk.session.phase !== 'signed_in') return;
    const name = shortcutFor(this.desk.preferences.keymap, event);
    if (!name) return;
    event.preventDefault();
    if (name === 'help') this.shortcuts.toggle();
    else this.#shortcut(name);
  };

  #shortcut(name: Exclude<ShortcutName, 'help'>): void {
    const id = this.suggestions.current?.id;
    this.tab = 'suggestions';
    switch (name) {
      case 'open1':
      case 'open2':
      case 'open3':
        return this.suggestions.openPlace(Number(name.slice(-1)));
      case 'ask':
        return void this.updateComplete.then(() => this.suggestions.focusAsk());
      case 'supervisor':
        return void this.updateComplete.then(() => this.suggestions.askSupervisor());
      case 'mute':
        return this.#store.controller?.toggleMute();
      default:
        if (id) this.#onCard(name, id);
    }
  }

  #onCard(name: 'copy' | 'helpful' | 'notHelpful' | 'pin', id: string): void {
    const judges = name === 'helpful' || name === 'notHelpful';
    if (judges && !mayAct(this.desk.session.user)) return;
    const { current } = this.suggestions;
    const text = current ? shownText(current) : '';
    if (name === 'copy') this.#act({ kind: 'copy', text, what: 'Answer', id });
    else if (name === 'pin') this.#act({ kind: 'pin', id });
    else {
      this.#act({ kind: 'feedback', id, verdict: name === 'helpful' ? 'helpful' : 'not_helpful' });
      this.#store.notify(name === 'helpful' ? 'Marked helpful' : 'Marked not helpful');
    }
  }
}

/** Inside a frame or on plain http the clipboard API is missing; the older command still works there. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.setAttribute('readonly', '');
  area.className = 'copy-source';
  const focused = document.activeElement as HTMLElement | null;
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  focused?.focus();
  if (!copied) throw new Error('copy refused');
}
