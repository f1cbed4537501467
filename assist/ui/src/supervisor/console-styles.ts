import { css } from 'lit';

export const consoleStyles = css`
  .views {
    flex: none;
    display: flex;
    gap: 4px;
    padding: 0 12px;
    height: 40px;
    overflow-x: auto;
    scrollbar-width: none;
    background: var(--surface);
    border-bottom: 1px solid var(--line);
  }
  .views a {
    display: flex;
    align-items: center;
    gap: 6px;
    padding: 0 8px;
    color: var(--ink-3);
    font-weight: 500;
    text-decoration: none;
    white-space: nowrap;
    border-bottom: 2px solid transparent;
  }
  .views a:hover {
    color: var(--ink);
  }
  .views a:focus-visible {
    outline-offset: -2px;
  }
  .views a[aria-current='page'] {
    color: var(--ink);
    border-bottom-color: var(--accent);
  }
  .views .count {
    font-size: var(--text-xs);
    color: var(--ink-3);
    font-variant-numeric: tabular-nums;
  }
  main {
    flex: 1;
    min-height: 0;
  }
  main.pair {
    display: grid;
    grid-template-columns: 368px minmax(0, 1fr);
    grid-template-rows: minmax(0, 1fr);
  }
  main.single {
    overflow-y: auto;
  }
  assist-request-list {
    background: var(--surface);
    border-right: 1px solid var(--line);
  }
  .none {
    align-content: center;
  }
  @media (max-width: 1180px) {
    main.pair {
      grid-template-columns: 320px minmax(0, 1fr);
    }
  }
  @media (max-width: 859px) {
    main.pair {
      grid-template-columns: minmax(0, 1fr);
    }
    main[data-open='true'] > assist-request-list,
    main[data-open='false'] > :is(assist-request-page, .none) {
      display: none;
    }
    .views[data-behind] {
      display: none;
    }
    assist-request-list {
      border: 0;
    }
    .views {
      padding: 0 4px;
      height: 44px;
    }
  }
`;
