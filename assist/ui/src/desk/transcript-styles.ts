import { css } from 'lit';

export const transcriptStyles = css`
  :host {
    display: block;
    min-height: 0;
    height: 100%;
  }
  section {
    display: flex;
    flex-direction: column;
    height: 100%;
    min-height: 0;
  }
  .scroll {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    padding: 16px 24px 24px;
  }
  .scroll:focus-visible {
    outline-offset: -2px;
  }
  .line {
    position: relative;
    display: grid;
    grid-template-columns: 44px 76px minmax(0, 1fr);
    align-items: baseline;
    padding-top: 12px;
  }
  .line.goes-on {
    padding-top: 2px;
  }
  .time {
    font-size: var(--text-xs);
    color: var(--ink-3);
    font-variant-numeric: tabular-nums;
  }
  .who {
    font-size: var(--text-xs);
    font-weight: 500;
    color: var(--ink-3);
  }
  .words {
    grid-column: 3;
    max-width: 36rem;
    overflow-wrap: anywhere;
    color: var(--ink-2);
  }
  .customer .words {
    font-size: var(--text-m);
    line-height: 24px;
    color: var(--ink);
  }
  .customer .who {
    color: var(--ink);
    font-weight: 600;
  }
  .gap {
    grid-template-columns: 44px minmax(0, 1fr);
    align-items: center;
  }
  .missing {
    display: flex;
    align-items: center;
    gap: 12px;
    font-size: var(--text-xs);
    line-height: 20px;
    color: var(--ink-3);
    font-variant-numeric: tabular-nums;
  }
  .missing::after {
    content: '';
    flex: 1;
    border-top: 1px dashed var(--line-strong);
  }
  .listening {
    display: flex;
    gap: 8px;
    padding: 8px 24px;
    border-bottom: 1px solid var(--line);
    background: var(--warn-soft);
    color: var(--warn);
  }
  .listening .icon {
    margin-top: 2px;
  }
  .entity {
    text-decoration: underline;
    text-decoration-color: var(--accent);
    text-decoration-thickness: 2px;
    text-underline-offset: 3px;
  }
  .entity.short {
    white-space: nowrap;
  }
  .interim .words {
    color: var(--ink-3);
    font-style: italic;
  }
  .interims {
    min-height: 36px;
  }
  footer {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    height: 40px;
    padding: 0 24px;
    border-top: 1px solid var(--line);
  }
  .follow {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-height: 24px;
    font-size: var(--text-xs);
    color: var(--ink-2);
    cursor: pointer;
  }
  .follow input {
    width: 16px;
    height: 16px;
    min-height: 0;
    margin: 0;
    accent-color: var(--accent);
  }
  .fill {
    flex: 1;
    align-content: center;
  }
  .ghosts {
    display: grid;
    gap: 16px;
    padding: 24px;
  }
  .ghosts span {
    height: 20px;
    width: 64%;
    border-radius: 4px;
    background: var(--hover);
  }
  .ghosts span:nth-child(even) {
    width: 44%;
  }
  @media (max-width: 1180px) {
    .scroll {
      padding: 8px 16px 16px;
    }
    footer {
      padding: 0 16px;
    }
    .listening {
      padding: 8px 16px;
    }
    .line {
      grid-template-columns: 40px minmax(0, 1fr);
      row-gap: 0;
    }
    .words {
      grid-column: 2;
    }
    .line.goes-on .words {
      grid-column: 2;
    }
    .line.goes-on .time {
      grid-row: 1;
    }
  }
`;
