/** Of the views that take the whole screen. */

import { css } from 'lit';

export const singleStyles = css`
  :host {
    display: block;
    padding: 24px;
  }
  section {
    max-width: 1120px;
    margin: 0 auto;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 16px;
  }
  header h2 {
    font-size: var(--text-l);
    line-height: 28px;
    letter-spacing: -0.01em;
  }
  header p {
    color: var(--ink-3);
    max-width: 72ch;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
  }
  .bar h2 {
    margin-right: auto;
  }
  .panel {
    border: 1px solid var(--line);
    border-radius: 12px;
    background: var(--surface);
  }
  .panel > li + li {
    border-top: 1px solid var(--line);
  }
  .scroll {
    overflow-x: auto;
  }
  .panel table {
    min-width: 760px;
  }
  table {
    width: 100%;
    border-collapse: collapse;
  }
  caption {
    text-align: left;
  }
  th {
    font-weight: 500;
    font-size: var(--text-xs);
    color: var(--ink-3);
    text-align: left;
    white-space: nowrap;
  }
  tbody th {
    font: inherit;
    font-weight: 600;
    color: var(--ink);
    white-space: normal;
  }
  th,
  td {
    padding: 8px 16px;
    vertical-align: top;
    border-bottom: 1px solid var(--line);
  }
  tbody tr:last-child > * {
    border-bottom: 0;
  }
  .number {
    text-align: right;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  @media (max-width: 719px) {
    :host {
      padding: 16px;
    }
    th,
    td {
      padding: 8px 12px;
    }
  }
`;
