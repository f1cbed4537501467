import { css } from 'lit';

export const requestListStyles = css`
  :host {
    display: block;
    min-height: 0;
  }
  section {
    display: flex;
    flex-direction: column;
    height: 100%;
    min-height: 0;
  }
  form {
    display: grid;
    gap: 8px;
    padding: 12px;
    border-bottom: 1px solid var(--line);
  }
  .search {
    position: relative;
  }
  .search .icon {
    position: absolute;
    left: 10px;
    top: 10px;
    color: var(--ink-3);
    pointer-events: none;
  }
  .search input {
    padding-left: 34px;
  }
  .filters {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(62px, 1fr));
    gap: 4px;
  }
  .filters select {
    min-height: 28px;
    padding: 0 20px 0 4px;
    border-color: transparent;
    background: none;
    color: var(--ink-2);
    font-size: var(--text-xs);
    line-height: 1.25;
    cursor: pointer;
  }
  .filters select:hover {
    background: var(--hover);
  }
  .filters select[data-set='true'] {
    background: var(--accent-soft);
    color: var(--accent);
    font-weight: 500;
  }
  option {
    background: var(--surface);
    color: var(--ink);
  }
  .filtered {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    font-size: var(--text-xs);
    color: var(--ink-3);
  }
  .scroll {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    position: relative;
  }
  li + li {
    border-top: 1px solid var(--line);
  }
  li a {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 2px 12px;
    padding: 10px 16px 12px;
    color: var(--ink);
    text-decoration: none;
  }
  li a:hover {
    background: var(--hover);
  }
  li a:focus-visible {
    outline-offset: -2px;
  }
  li a[aria-current='true'] {
    background: var(--accent-soft);
    box-shadow: inset 3px 0 0 var(--accent);
  }
  .question {
    font-weight: 600;
    line-height: 20px;
    overflow: hidden;
    overflow-wrap: anywhere;
    display: -webkit-box;
    -webkit-line-clamp: 2;
    -webkit-box-orient: vertical;
  }
  .time {
    font-size: var(--text-xs);
    line-height: 20px;
    color: var(--ink-3);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .who {
    grid-column: 1 / -1;
    display: flex;
    align-items: center;
    gap: 8px;
    min-width: 0;
    color: var(--ink-2);
  }
  .customer {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .live {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    flex: none;
    color: var(--ok);
    font-size: var(--text-xs);
    font-weight: 500;
  }
  .live .icon {
    width: 14px;
    height: 14px;
  }
  .facts {
    grid-column: 1 / -1;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px;
    margin-top: 4px;
  }
  .facts .chip {
    max-width: 14ch;
    display: inline-block;
    overflow: hidden;
    text-overflow: ellipsis;
    line-height: 20px;
    padding: 0 6px;
  }
  a[aria-current='true'] .chip:not(.bad, .warn) {
    background: var(--surface);
  }
  .where {
    margin-left: 4px;
    font-size: var(--text-xs);
    color: var(--ink-3);
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .more {
    padding: 12px;
    text-align: center;
  }
  .ghosts {
    display: grid;
    gap: 1px;
  }
  .ghosts i {
    height: 84px;
    margin: 8px 12px 0;
    border-radius: var(--radius);
    background: var(--hover);
  }
`;
