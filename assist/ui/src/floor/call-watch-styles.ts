import { css } from 'lit';

export const callWatchStyles = css`
  :host {
    display: block;
    min-width: 0;
    min-height: 0;
    height: 100%;
    background: var(--surface);
  }
  section {
    display: flex;
    flex-direction: column;
    height: 100%;
    min-height: 0;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
    padding: 8px 16px 8px 8px;
    border-bottom: 1px solid var(--line);
  }
  assist-connection-status {
    margin-left: auto;
    max-width: 100%;
  }
  .asked {
    display: flex;
    gap: 8px;
    padding: 8px 24px;
    background: var(--warn-soft);
    color: var(--warn);
    border-bottom: 1px solid var(--line);
  }
  .asked span {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .asked .icon {
    margin-top: 2px;
  }
  .asked a {
    color: inherit;
    font-weight: 500;
  }
  .body {
    flex: 1;
    min-height: 0;
    display: grid;
    grid-template-rows: minmax(0, 1fr);
    grid-template-columns: minmax(0, 1fr);
  }
  .cards {
    overflow-y: auto;
    overscroll-behavior: contain;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    align-content: start;
    gap: 8px;
    padding: 16px 24px;
    background: var(--bg);
  }
  .cards:focus-visible {
    outline-offset: -2px;
  }
  .ask {
    padding: 12px 16px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
    overflow-wrap: anywhere;
  }
  .ask h3 {
    font-size: var(--text-xs);
    font-weight: 500;
    color: var(--ink-3);
  }
  .blank {
    align-content: center;
  }
  assist-whisper-box {
    flex: none;
  }
  @media (max-width: 719px) {
    .cards {
      padding: 12px;
    }
    .asked {
      padding: 8px 16px;
    }
    .close {
      min-height: 36px;
    }
  }
`;
