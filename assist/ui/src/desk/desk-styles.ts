import { css } from 'lit';

export const deskStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100vh;
    height: 100dvh;
    background: var(--bg);
  }
  main {
    flex: 1;
    min-height: 0;
    display: grid;
    grid-template-columns: 264px minmax(0, 1fr) minmax(400px, 456px);
    grid-template-rows: minmax(0, 1fr);
  }
  .calls {
    display: grid;
    min-height: 0;
  }
  .calls > * {
    min-height: 0;
  }
  assist-transcript {
    background: var(--surface);
    border: solid var(--line);
    border-width: 0 1px;
  }
  .waiting {
    display: grid;
    place-items: center;
    place-content: center;
    flex: 1;
    color: var(--ink-3);
  }
  .tabs {
    display: none;
  }
  .notice {
    position: fixed;
    left: 50%;
    bottom: 72px;
    translate: -50% 0;
    z-index: 10;
    max-width: calc(100vw - 32px);
    padding: 8px 16px;
    border-radius: var(--radius);
    background: var(--ink);
    color: var(--surface);
    box-shadow: var(--shadow-high);
    pointer-events: none;
  }
  .notice.error {
    background: var(--bad);
  }
  @media (max-width: 1180px) {
    main {
      grid-template-columns: 208px minmax(0, 1fr) 384px;
    }
  }
  @media (max-width: 959px) {
    main {
      grid-template-columns: 176px minmax(0, 1fr) 320px;
    }
  }
  @media (max-width: 719px) {
    main {
      grid-template-columns: minmax(0, 1fr);
    }
    main[data-tab='suggestions'] > :not(assist-suggestions),
    main[data-tab='transcript'] > :not(assist-transcript),
    main[data-tab='calls'] > :not(.calls) {
      display: none;
    }
    .tabs {
      display: grid;
      grid-template-columns: repeat(3, 1fr);
      gap: 4px;
      padding: 4px 8px;
      border-top: 1px solid var(--line);
      background: var(--surface);
    }
    .tabs button {
      min-height: 40px;
    }
    .tabs button[aria-current='true'] {
      color: var(--accent);
      background: var(--accent-soft);
    }
    assist-transcript {
      border: 0;
    }
  }
`;
