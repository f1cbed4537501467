import { css } from 'lit';

export const requestPageStyles = css`
  :host {
    display: block;
    min-height: 0;
    min-width: 0;
    container-type: inline-size;
  }
  section {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(320px, 400px);
    height: 100%;
    min-height: 0;
  }
  .main {
    min-height: 0;
    overflow-y: auto;
    padding: 16px 24px 32px;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 20px;
    align-content: start;
  }
  .main > * {
    width: 100%;
    max-width: 760px;
    justify-self: center;
  }
  aside {
    min-height: 0;
    display: flex;
    flex-direction: column;
    border-left: 1px solid var(--line);
    background: var(--surface);
    overflow-y: auto;
  }
  assist-call-around {
    flex: 1 0 auto;
  }
  header {
    display: grid;
    gap: 8px;
  }
  .state {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
    min-height: 28px;
  }
  .asked {
    font-size: var(--text-xs);
    color: var(--ink-3);
    margin-left: auto;
  }
  .question {
    display: flex;
    align-items: flex-start;
    gap: 8px;
  }
  h2 {
    flex: 1;
    min-width: 0;
    font-size: var(--text-l);
    line-height: 28px;
    letter-spacing: -0.01em;
    white-space: pre-line;
    overflow-wrap: anywhere;
  }
  h2.long {
    font-size: var(--text-m);
    line-height: 24px;
    max-height: 30vh;
    overflow-y: auto;
  }
  .customer {
    display: none;
    color: var(--ink-2);
    overflow-wrap: anywhere;
  }
  .next {
    min-height: 36px;
    padding: 0 16px;
  }
  .edit {
    display: grid;
    gap: 8px;
  }
  .buttons,
  .moves {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .moves button {
    min-height: 32px;
    padding: 0 12px;
  }
  .moves select {
    width: auto;
    max-width: 140px;
    min-height: 32px;
    border-color: var(--line);
    font-weight: 500;
  }
  .back {
    display: none;
  }
  .loading,
  .failed {
    display: block;
    padding: 16px 24px;
  }
  .ghosts {
    display: grid;
    gap: 16px;
    max-width: 760px;
  }
  .ghosts i {
    height: 28px;
    border-radius: var(--radius);
    background: var(--hover);
  }
  .ghosts i:last-child {
    height: 160px;
  }
  @container (max-width: 860px) {
    section {
      display: block;
      overflow-y: auto;
    }
    .main {
      overflow: visible;
      padding-bottom: 16px;
    }
    .customer {
      display: block;
    }
    aside {
      overflow: visible;
      border-left: 0;
      border-top: 1px solid var(--line);
    }
  }
  @media (max-width: 859px) {
    .back {
      display: inline-flex;
      margin-left: -8px;
      min-height: 32px;
    }
    .main {
      padding: 8px 16px 16px;
      gap: 16px;
    }
    .asked {
      margin-left: 0;
    }
  }
`;
