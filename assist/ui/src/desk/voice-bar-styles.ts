import { css } from 'lit';

export const voiceBarStyles = css`
  :host {
    display: block;
  }
  section:focus-visible {
    outline: none;
  }
  section {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    padding: 8px 12px 8px 16px;
    border-bottom: 1px solid var(--line);
    background: var(--surface-2);
  }
  .none {
    padding: 0;
    border: 0;
  }
  .state {
    display: flex;
    align-items: center;
    gap: 0 8px;
    min-width: 0;
    color: var(--ink-2);
  }
  .state strong {
    font-weight: 600;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .state span {
    color: var(--ink-3);
  }
  .ok .state strong,
  .ok .state .icon {
    color: var(--ok);
  }
  .warn {
    background: var(--warn-soft);
  }
  .warn :is(.state, .state span) {
    color: var(--warn);
  }
  .bad {
    background: var(--bad-soft);
  }
  .bad :is(.state, .state span) {
    color: var(--bad);
  }
  .time {
    font-variant-numeric: tabular-nums;
    color: var(--ink-3);
  }
  .troubles {
    display: flex;
    align-items: center;
    gap: 8px;
    color: var(--bad);
    font-weight: 500;
  }
  .troubles:not(:has(*)) {
    display: none;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: flex-end;
    gap: 8px;
    margin-left: auto;
  }
  button {
    white-space: nowrap;
  }
  .mic {
    min-width: 168px;
  }
  button.mic.off {
    background: var(--warn-soft);
    border-color: transparent;
    color: var(--warn);
  }
  button.leave {
    color: var(--bad);
  }
  button.leave:hover {
    background: var(--bad-soft);
    color: var(--bad);
  }
  .volume {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    color: var(--ink-3);
  }
  input[type='range'] {
    width: 80px;
    min-height: 24px;
    padding: 0;
    border: 0;
    background: none;
    accent-color: var(--accent);
    cursor: pointer;
  }
  input[type='range']:focus-visible {
    outline-offset: 2px;
  }
  @media (max-width: 719px) {
    section {
      padding: 8px 16px;
    }
    .none {
      padding: 0;
    }
    .state {
      flex: 1 1 60%;
      flex-wrap: wrap;
    }
    .state strong {
      white-space: normal;
    }
    .state span {
      flex-basis: 100%;
    }
    .buttons {
      width: 100%;
      margin: 0;
      justify-content: flex-start;
    }
    .buttons button {
      min-height: 40px;
    }
    .volume,
    .more {
      display: none;
    }
    .mic {
      min-width: 0;
    }
    .troubles {
      flex-wrap: wrap;
    }
  }
`;
