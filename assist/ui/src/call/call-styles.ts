import { css } from 'lit';

export const callStyles = css`
  :host {
    display: block;
  }
  main {
    display: grid;
    place-items: center;
    min-height: 100vh;
    min-height: 100dvh;
    padding: 16px;
  }
  .quiet,
  .blank {
    align-self: center;
    justify-self: center;
    color: var(--ink-3);
  }
  section:focus-visible {
    outline: none;
  }
  section {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 16px;
    width: min(400px, 100%);
    min-height: 440px;
    padding: 40px 32px 32px;
    border: 1px solid var(--line);
    border-radius: 16px;
    background: var(--surface);
    box-shadow: var(--shadow);
    text-align: center;
  }
  .face {
    flex: none;
    display: grid;
    place-items: center;
    width: 72px;
    height: 72px;
    border-radius: 50%;
    background: var(--hover);
    color: var(--ink-2);
    transition: background 200ms;
  }
  .face .icon {
    width: 28px;
    height: 28px;
  }
  .face:is(.connecting, .waiting) {
    background: var(--accent-soft);
    color: var(--accent);
  }
  .face.connected {
    background: var(--ok-soft);
    color: var(--ok);
  }
  .face.reconnecting {
    background: var(--warn-soft);
    color: var(--warn);
  }
  h1 {
    font-size: var(--text-l);
    line-height: 28px;
    letter-spacing: -0.01em;
    max-width: 100%;
    overflow-wrap: anywhere;
    text-wrap: balance;
  }
  .status {
    display: grid;
    justify-items: center;
    min-height: 44px;
    max-width: 100%;
    color: var(--ink-3);
  }
  .status p {
    display: grid;
    text-wrap: balance;
  }
  .status strong {
    font-weight: 600;
    color: var(--ink-2);
  }
  .status strong:empty {
    display: none;
  }
  .status.connected strong {
    color: var(--ok);
  }
  .status.reconnecting strong {
    color: var(--warn);
  }
  .status.bad strong {
    color: var(--bad);
  }
  .length {
    font-variant-numeric: tabular-nums;
    color: var(--ink-2);
  }
  form,
  .buttons {
    display: grid;
    gap: 16px;
    width: 100%;
  }
  :is(form, .buttons, a.big) {
    margin-top: auto;
  }
  .buttons {
    grid-auto-flow: column;
    grid-auto-columns: minmax(0, 1fr);
    gap: 12px;
  }
  label {
    display: grid;
    gap: 4px;
    text-align: left;
    font-weight: 500;
  }
  label input {
    min-height: 44px;
  }
  .big {
    min-height: 52px;
    width: 100%;
    border-radius: var(--radius);
    font-size: var(--text-m);
  }
  .hang-up {
    background: var(--bad);
    color: var(--surface);
  }
  button.hang-up:hover {
    background: color-mix(in srgb, var(--bad) 88%, var(--ink));
    color: var(--surface);
  }
  button.muted {
    background: var(--warn-soft);
    border-color: transparent;
    color: var(--warn);
  }
  .levels {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 4px;
    width: 100%;
    padding: 8px 16px;
    border-radius: var(--radius);
    background: var(--surface-2);
  }
  .levels li {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 16px;
    min-height: 28px;
    color: var(--ink-2);
  }
  .levels span {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .troubles {
    display: grid;
    gap: 8px;
    width: 100%;
  }
  .troubles:not(:has(*)) {
    display: none;
  }
  .trouble {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    padding: 8px 12px;
    border-radius: var(--radius-s);
    background: var(--bad-soft);
    color: var(--bad);
    text-align: left;
  }
  .trouble span {
    flex: 1;
  }
  @media (max-width: 479px) {
    main {
      padding: 0;
      place-items: stretch;
    }
    section {
      width: 100%;
      min-height: 100vh;
      min-height: 100dvh;
      border: 0;
      border-radius: 0;
      box-shadow: none;
      padding: 64px 24px 32px;
    }
  }
`;
