import { css } from 'lit';

export const articleListStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    height: 100%;
  }
  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    padding: 12px 12px 8px;
  }
  .count {
    min-width: 20px;
    padding: 0 6px;
    border-radius: 10px;
    background: var(--accent-soft);
    color: var(--accent);
    font-size: var(--text-xs);
    line-height: 20px;
    text-align: center;
    font-variant-numeric: tabular-nums;
  }
  .filters {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
    padding: 0 12px 8px;
    border-bottom: 1px solid var(--line);
  }
  .row {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 4px;
  }
  .row select {
    min-height: 32px;
  }
  .row button[aria-expanded='true'] .icon {
    transform: rotate(180deg);
  }
  .more {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
    padding: 4px 0;
  }
  .scroll {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    padding: 8px;
  }
  ul {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 2px;
  }
  li a {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 2px;
    padding: 8px;
    border-radius: var(--radius);
    color: var(--ink);
    text-decoration: none;
    transition: background 120ms;
  }
  li a:hover {
    background: var(--hover);
  }
  li a[aria-current='true'] {
    background: var(--surface);
    box-shadow:
      inset 2px 0 0 var(--accent),
      var(--shadow);
    border-radius: 4px var(--radius) var(--radius) 4px;
  }
  .title {
    font-weight: 600;
    overflow-wrap: anywhere;
    display: -webkit-box;
    -webkit-line-clamp: 2;
    -webkit-box-orient: vertical;
    overflow: hidden;
    line-height: 20px;
  }
  .said {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: var(--text-xs);
    color: var(--ink-2);
  }
  .facts {
    display: flex;
    align-items: center;
    flex-wrap: wrap;
    gap: 4px 8px;
    font-size: var(--text-xs);
    color: var(--ink-3);
  }
  .tags {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .rest {
    width: 100%;
    margin-top: 8px;
  }
  .remark {
    display: flex;
    gap: 8px;
    padding: 8px;
    margin-bottom: 8px;
    border-radius: var(--radius-s);
    background: var(--warn-soft);
    color: var(--warn);
    font-size: var(--text-xs);
  }
  .ghosts {
    display: grid;
    gap: 8px;
  }
  .ghosts i {
    height: 52px;
    border-radius: var(--radius);
    background: var(--hover);
  }
  footer {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    min-height: 40px;
    padding: 0 12px 0 16px;
    border-top: 1px solid var(--line);
    font-size: var(--text-xs);
    color: var(--ink-3);
  }
`;
