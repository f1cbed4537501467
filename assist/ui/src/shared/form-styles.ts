/** Fields with a label above, tabs, chips and panels of the supervisors' pages. */

import { css } from 'lit';

export const formStyles = css`
  .field {
    display: grid;
    gap: 4px;
    align-content: start;
    min-width: 0;
    font-weight: 500;
  }
  .field small {
    font-size: var(--text-xs);
    line-height: 16px;
    font-weight: 400;
    color: var(--ink-3);
  }
  textarea,
  select {
    width: 100%;
    min-height: 36px;
    padding: 6px 12px;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius-s);
    background: var(--surface);
    color: var(--ink);
    font: var(--text-s) / 1.5 var(--font);
  }
  select {
    padding: 0 28px 0 8px;
    text-overflow: ellipsis;
  }
  textarea {
    resize: vertical;
  }
  textarea::placeholder {
    color: var(--ink-3);
    opacity: 1;
  }
  :is(textarea, select):focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: -1px;
    border-color: var(--accent);
  }
  :is(input, textarea, select):disabled,
  :is(input, textarea)[readonly] {
    background: var(--surface-2);
    border-color: var(--line);
    color: var(--ink-2);
    opacity: 1;
  }
  input:is([type='checkbox'], [type='radio']) {
    width: 16px;
    height: 16px;
    min-height: 0;
    margin: 0;
    flex: none;
    accent-color: var(--accent);
  }
  .check {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-height: 28px;
    cursor: pointer;
  }
  .switch {
    display: inline-flex;
    gap: 2px;
    padding: 2px;
    border-radius: var(--radius);
    background: var(--hover);
  }
  .switch button {
    min-height: 28px;
    padding: 0 12px;
  }
  .switch button[aria-selected='true'],
  .switch button[aria-pressed='true'] {
    background: var(--surface);
    color: var(--ink);
    box-shadow: var(--shadow);
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    padding: 0 8px;
    border-radius: 4px;
    font-size: var(--text-xs);
    line-height: 22px;
    font-weight: 500;
    white-space: nowrap;
    background: var(--hover);
    color: var(--ink-2);
  }
  .chip .icon {
    width: 14px;
    height: 14px;
  }
  .chip.ok {
    background: var(--ok-soft);
    color: var(--ok);
  }
  .chip.warn {
    background: var(--warn-soft);
    color: var(--warn);
  }
  .chip.bad {
    background: var(--bad-soft);
    color: var(--bad);
  }
  .problem {
    display: flex;
    gap: 8px;
    align-items: flex-start;
    padding: 8px 12px;
    border-radius: var(--radius-s);
    background: var(--bad-soft);
    color: var(--bad);
    overflow-wrap: anywhere;
  }
  .problem .icon {
    margin-top: 2px;
  }
  .quiet {
    color: var(--ink-3);
  }
`;
