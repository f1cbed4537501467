import { css } from 'lit';

export const floorTableStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
    height: 100%;
    container-type: inline-size;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    padding: 12px 24px;
  }
  h2 {
    font-size: var(--text-l);
    line-height: 28px;
    letter-spacing: -0.01em;
  }
  .count {
    padding-left: 4px;
    font-size: var(--text-s);
    font-weight: 400;
    letter-spacing: 0;
    color: var(--ink-3);
    font-variant-numeric: tabular-nums;
  }
  .settle {
    color: var(--accent);
    background: var(--accent-soft);
  }
  .controls {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 12px;
    margin-left: auto;
    min-width: 0;
  }
  .pick {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-width: 0;
    color: var(--ink-3);
  }
  .pick select {
    width: auto;
    max-width: 200px;
    min-height: 32px;
  }
  .scroll {
    flex: 1;
    min-height: 0;
    overflow: auto;
    overscroll-behavior: contain;
    padding: 0 24px 24px;
  }
  table {
    width: 100%;
    table-layout: fixed;
    border-collapse: separate;
    border-spacing: 0;
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }
  thead th {
    position: sticky;
    top: 0;
    z-index: 1;
    padding: 8px 12px;
    background: var(--surface-2);
    border-bottom: 1px solid var(--line);
    font-size: var(--text-xs);
    font-weight: 500;
    line-height: 16px;
    text-align: left;
    color: var(--ink-3);
    white-space: nowrap;
  }
  thead th:first-child {
    border-top-left-radius: var(--radius);
    width: 19%;
  }
  thead th:nth-child(2) {
    width: 13%;
  }
  thead th:nth-child(3) {
    width: 76px;
  }
  thead th:nth-child(5) {
    width: 136px;
  }
  thead th:last-child {
    border-top-right-radius: var(--radius);
    width: 156px;
  }
  tbody :is(th, td) {
    padding: 8px 12px;
    text-align: left;
    vertical-align: top;
    font-weight: 400;
    line-height: 20px;
    border-top: 1px solid var(--line);
  }
  tbody tr:first-child :is(th, td) {
    border-top: 0;
  }
  tbody tr {
    cursor: pointer;
  }
  tbody tr:hover {
    background: var(--surface-2);
  }
  tbody tr[data-current] {
    background: var(--accent-soft);
    box-shadow: inset 2px 0 0 var(--accent);
  }
  :is(.customer a, .queue, .agent, li) {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  td.agent {
    display: table-cell;
  }
  .customer a {
    font-weight: 600;
    color: var(--ink);
    text-decoration: none;
    line-height: 24px;
    margin: -2px 0;
  }
  .customer a:focus-visible {
    outline-offset: -2px;
  }
  .customer a:hover {
    text-decoration: underline;
  }
  .queue {
    font-size: var(--text-xs);
    color: var(--ink-3);
  }
  .agent {
    color: var(--ink-2);
  }
  .time {
    font-variant-numeric: tabular-nums;
  }
  thead .time,
  tbody .time {
    text-align: right;
    white-space: nowrap;
  }
  li {
    color: var(--ink-2);
  }
  li.customer {
    color: var(--ink);
  }
  .who {
    display: inline-block;
    min-width: 64px;
    font-size: var(--text-xs);
    color: var(--ink-3);
  }
  .mood {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    white-space: nowrap;
    color: var(--ink-2);
  }
  .mood.poor {
    color: var(--warn);
    font-weight: 500;
  }
  .mood.bad {
    color: var(--bad);
    font-weight: 600;
  }
  .gone :is(a, td, .mood, .queue, li) {
    color: var(--ink-3);
    font-weight: 400;
  }
  .ghosts {
    display: grid;
    gap: 8px;
  }
  .ghosts i {
    height: 56px;
    border-radius: var(--radius);
    background: var(--hover);
  }
  /* Beside an open call or on a small screen each call is a card of its own. */
  @container (max-width: 999px) {
    header {
      padding: 12px 16px;
    }
    .scroll {
      padding: 0 16px 16px;
    }
    .controls {
      flex: 1 1 320px;
      flex-wrap: nowrap;
      gap: 8px;
      margin-left: 0;
    }
    .pick {
      flex: 1 1 0;
    }
    .pick select {
      width: 100%;
      max-width: none;
    }
    .pick > span {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    table,
    tbody {
      display: block;
    }
    table {
      border: 0;
      background: none;
    }
    thead {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    tbody tr {
      display: grid;
      grid-template-columns: minmax(0, 1fr) auto;
      gap: 2px 12px;
      padding: 12px 16px;
      margin-bottom: 8px;
      border: 1px solid var(--line);
      border-radius: var(--radius);
      background: var(--surface);
    }
    tbody :is(th, td),
    tbody td.agent {
      display: block;
      padding: 0;
      border: 0;
      min-width: 0;
    }
    tbody th.customer {
      display: flex;
      align-items: baseline;
      gap: 8px;
    }
    .customer a {
      flex: 0 1 auto;
    }
    .customer .queue {
      flex: 1 1 0;
    }
    tbody td.time {
      grid-column: 2;
      grid-row: 1;
    }
    td.agent {
      grid-row: 2;
    }
    td.agent::before {
      content: 'with ';
      color: var(--ink-3);
    }
    td.sounds {
      grid-column: 2;
      grid-row: 2;
      justify-self: end;
    }
    td.words {
      grid-column: 1 / -1;
      grid-row: 3;
      padding-top: 4px;
    }
    td.requests {
      grid-column: 1 / -1;
      grid-row: 4;
    }
    td.requests .chip {
      margin-top: 4px;
    }
  }
`;
