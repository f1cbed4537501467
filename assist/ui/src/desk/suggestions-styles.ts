import { css } from 'lit';

export const suggestionsStyles = css`
  :host {
    display: block;
    height: 100%;
    min-height: 0;
  }
  section {
    display: flex;
    flex-direction: column;
    height: 100%;
    min-height: 0;
  }
  .head {
    display: flex;
    align-items: center;
    height: 48px;
    padding: 0 20px;
  }
  .scroll {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    display: flex;
    flex-direction: column;
    gap: 16px;
    padding: 0 16px 16px;
  }
  .cards {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
  }
  .waiting {
    position: sticky;
    top: 0;
    z-index: 1;
    align-self: center;
    margin-bottom: -8px;
    color: var(--accent);
    box-shadow: var(--shadow);
  }
  .nothing {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 4px;
    padding: 12px 16px;
    border: 1px dashed var(--line-strong);
    border-radius: var(--radius);
    overflow-wrap: anywhere;
  }
  .next {
    color: var(--ink-3);
  }
  .nothing .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-top: 4px;
  }
  .ghost {
    height: 160px;
    border-radius: var(--radius);
    background: var(--hover);
  }
  assist-subjects {
    display: none;
  }
  assist-ask-box {
    background: var(--bg);
  }
  @media (max-width: 719px) {
    .head {
      position: absolute;
      height: 1px;
      width: 1px;
      padding: 0;
      overflow: hidden;
      clip-path: inset(50%);
    }
    .scroll {
      padding: 12px 12px 16px;
    }
    assist-subjects {
      display: block;
    }
  }
`;
