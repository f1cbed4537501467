import { css } from 'lit';

export const articleEditorStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100%;
    min-height: 0;
    background: var(--surface);
  }
  header {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    justify-items: start;
    gap: 4px;
    padding: 16px 24px 12px;
    border-bottom: 1px solid var(--line);
  }
  .line {
    display: flex;
    align-items: flex-start;
    justify-content: space-between;
    gap: 16px;
    width: 100%;
  }
  h1 {
    min-width: 0;
    font-size: var(--text-l);
    line-height: 28px;
    letter-spacing: -0.01em;
    overflow-wrap: anywhere;
    display: -webkit-box;
    -webkit-line-clamp: 2;
    -webkit-box-orient: vertical;
    overflow: hidden;
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 16px;
    min-width: 0;
    max-width: 100%;
    color: var(--ink-3);
  }
  .facts a {
    line-height: 24px;
  }
  .chips {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 4px;
  }
  .source {
    max-width: 32ch;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  header .switch {
    margin-top: 8px;
  }
  .scroll {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
  }
  div.scroll {
    display: flex;
    flex-direction: column;
    gap: 16px;
    padding: 16px 24px 24px;
  }
  div.scroll > * {
    flex: none;
  }
  .texts {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 16px;
    min-height: 320px;
    height: 46vh;
  }
  .texts > * {
    grid-template-rows: auto minmax(0, 1fr);
    align-content: stretch;
    height: 100%;
    min-height: 0;
  }
  .texts textarea {
    height: 100%;
    resize: none;
    line-height: 22px;
  }
  .paper {
    overflow-y: auto;
    padding: 8px 16px;
    border: 1px solid var(--line);
    border-radius: var(--radius-s);
    background: var(--surface-2);
    font-weight: 400;
  }
  .narrow {
    display: none;
    align-self: start;
  }
  .about h2 {
    padding-bottom: 8px;
  }
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(200px, 1fr));
    gap: 16px;
  }
  .wide {
    grid-column: 1 / -1;
  }
  .remark {
    display: flex;
    gap: 8px;
    padding: 8px 12px;
    border-radius: var(--radius-s);
    background: var(--accent-soft);
    color: var(--ink);
  }
  .remark .icon {
    margin-top: 2px;
    color: var(--accent);
  }
  footer {
    border-top: 1px solid var(--line);
    padding: 8px 24px;
    background: var(--surface);
  }
  .alert {
    padding-bottom: 8px;
  }
  .bar {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  .bar button {
    min-height: 36px;
    padding: 0 12px;
    flex: none;
  }
  .note {
    flex: 1 1 200px;
    min-width: 0;
  }
  .state {
    flex: 0 1 auto;
    margin-left: auto;
    padding: 0 8px;
    font-size: var(--text-xs);
    line-height: 16px;
    color: var(--ink-3);
  }
  .ghosts {
    display: grid;
    gap: 16px;
    padding: 24px;
  }
  .ghosts i {
    height: 28px;
    width: 56%;
    border-radius: 4px;
    background: var(--hover);
  }
  .ghosts i:last-child {
    width: 100%;
    height: 320px;
  }
  .blank {
    margin: auto;
  }
  @media (max-width: 1099px) {
    .narrow {
      display: inline-flex;
    }
    .texts {
      grid-template-columns: minmax(0, 1fr);
    }
    .texts[data-shows='text'] .preview,
    .texts[data-shows='preview'] .text {
      display: none;
    }
    .preview > span {
      visibility: hidden;
    }
  }
  @media (max-width: 719px) {
    header {
      padding: 0 16px 8px;
    }
    div.scroll {
      padding: 12px 16px 24px;
    }
    footer {
      padding: 8px 16px;
    }
    .bar {
      flex-wrap: wrap;
    }
    .note {
      flex: 1 0 100%;
    }
    .state {
      flex: 1;
      padding: 0;
    }
    .fields {
      grid-template-columns: repeat(2, minmax(0, 1fr));
      gap: 12px;
    }
  }
`;
