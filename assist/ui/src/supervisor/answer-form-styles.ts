import { css } from 'lit';

export const answerFormStyles = css`
  :host {
    display: block;
  }
  form {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
    padding: 16px;
    border: 1px solid var(--line);
    border-radius: 12px;
    background: var(--surface);
    box-shadow: var(--shadow);
  }
  #problem:not(:has(p)) {
    margin-top: -12px;
  }
  .origin {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 24px;
  }
  .origin .quiet {
    flex: 1;
    min-width: 0;
    font-size: var(--text-xs);
  }
  .origin.suggested {
    align-items: flex-start;
    padding: 8px 8px 8px 12px;
    border-radius: var(--radius-s);
    background: var(--accent-soft);
  }
  .origin.suggested > .icon {
    margin-top: 2px;
    color: var(--accent);
  }
  .origin.suggested > div {
    flex: 1;
    min-width: 0;
  }
  .origin p {
    font-size: var(--text-xs);
    color: var(--ink-2);
  }
  .origin .chip {
    background: var(--surface);
    margin-left: 4px;
  }
  .sources {
    display: flex;
    flex-wrap: wrap;
    gap: 0 12px;
    font-size: var(--text-xs);
  }
  .sources a {
    display: inline-block;
    min-height: 24px;
    line-height: 24px;
    overflow-wrap: anywhere;
  }
  textarea[name='answer'] {
    font-size: var(--text-m);
    min-height: 120px;
    field-sizing: content;
    max-height: 50vh;
  }
  textarea[data-suggested='true'] {
    border-style: dashed;
    border-color: var(--accent);
    background: var(--surface-2);
  }
  fieldset {
    border: 0;
    margin: 0;
    padding: 0;
  }
  .learn {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 16px;
  }
  .learn legend {
    float: left;
    margin-right: 16px;
    padding: 0;
    line-height: 28px;
    color: var(--ink-3);
  }
  .learn label {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-height: 28px;
    cursor: pointer;
  }
  summary {
    width: fit-content;
    min-height: 24px;
    line-height: 24px;
    color: var(--ink-2);
    font-weight: 500;
    cursor: pointer;
    border-radius: 4px;
  }
  .more {
    display: grid;
    gap: 12px;
    padding-top: 8px;
  }
  .send {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  .send .primary {
    min-height: 40px;
    padding: 0 16px;
  }
  .unresolved {
    margin-left: auto;
  }
  @media (max-width: 719px) {
    form {
      padding: 12px;
      border-radius: var(--radius);
    }
    .send kbd {
      display: none;
    }
    textarea[name='answer'] {
      min-height: 96px;
    }
  }
`;
