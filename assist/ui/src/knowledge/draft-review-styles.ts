import { css } from 'lit';

export const draftReviewStyles = css`
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
    gap: 4px;
    padding: 16px 24px 12px;
    border-bottom: 1px solid var(--line);
  }
  h1 {
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
    gap: 0 16px;
    line-height: 24px;
    color: var(--ink-3);
  }
  .scroll {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    display: flex;
    flex-direction: column;
    gap: 24px;
    padding: 16px 24px 24px;
  }
  .scroll > * {
    flex: none;
  }
  .columns {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
    grid-template-rows: auto 1fr;
    gap: 24px;
    align-items: start;
  }
  /* Read before deciding, also by the keyboard; where there is room it stands beside both. */
  assist-neighbours {
    grid-column: 2;
    grid-row: 1 / span 2;
  }
  .decision {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 24px;
  }
  .answer {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
  }
  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
  }
  .paper {
    max-height: 44vh;
    min-height: 120px;
    overflow-y: auto;
    padding: 8px 16px;
    border: 1px solid var(--line);
    border-radius: var(--radius-s);
    background: var(--surface-2);
    font-weight: 400;
  }
  summary {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    min-height: 28px;
    padding: 0 6px;
    margin-left: -6px;
    border-radius: 4px;
    font-weight: 500;
    color: var(--ink-2);
    cursor: pointer;
    list-style: none;
  }
  summary::-webkit-details-marker {
    display: none;
  }
  summary:hover {
    background: var(--hover);
  }
  details[open] summary .icon {
    transform: rotate(180deg);
  }
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(180px, 1fr));
    gap: 12px;
    padding-top: 8px;
  }
  fieldset {
    min-width: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }
  legend {
    padding: 0 0 8px;
    font-weight: 600;
  }
  .choices {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 8px;
  }
  .choice {
    display: flex;
    gap: 8px;
    padding: 12px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    cursor: pointer;
  }
  .choice:has(input:checked) {
    border-color: var(--accent);
    background: var(--accent-soft);
  }
  .choice:has(input:disabled) {
    cursor: default;
    background: var(--surface-2);
  }
  .choice:has(input:disabled) strong {
    color: var(--ink-3);
  }
  .choice input {
    margin-top: 3px;
  }
  .choice strong {
    display: block;
    font-weight: 600;
  }
  .choice small {
    display: block;
    font-size: var(--text-xs);
    line-height: 16px;
    color: var(--ink-2);
  }
  .result {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
  }
  .merged {
    line-height: 22px;
  }
  .told {
    display: flex;
    gap: 8px;
    padding: 12px 16px;
    border-radius: var(--radius);
    background: var(--accent-soft);
  }
  .told .icon {
    margin-top: 2px;
    color: var(--accent);
  }
  footer {
    border-top: 1px solid var(--line);
    padding: 8px 24px;
  }
  .alert {
    padding-bottom: 8px;
  }
  .bar {
    display: flex;
    align-items: center;
    justify-content: flex-end;
    gap: 16px;
  }
  .bar button {
    min-height: 36px;
    padding: 0 16px;
    flex: none;
  }
  .state {
    min-width: 0;
    font-size: var(--text-xs);
    line-height: 16px;
    color: var(--ink-3);
    overflow: hidden;
    text-overflow: ellipsis;
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
    .columns {
      grid-template-columns: minmax(0, 1fr);
      grid-template-rows: none;
    }
    assist-neighbours {
      grid-column: 1;
      grid-row: auto;
    }
  }
  @media (max-width: 719px) {
    header {
      padding: 0 16px 8px;
    }
    .scroll {
      padding: 12px 16px 24px;
    }
    footer {
      padding: 8px 16px;
    }
    .bar {
      flex-wrap: wrap;
      gap: 8px;
    }
    .bar button {
      flex: 1 0 100%;
      order: -1;
    }
  }
`;
