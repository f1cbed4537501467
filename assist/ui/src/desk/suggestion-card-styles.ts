import { css } from 'lit';

export const cardStyles = css`
  :host {
    display: block;
  }
  article {
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
    box-shadow: var(--shadow);
    animation: arrive 180ms ease-out;
  }
  @keyframes arrive {
    from {
      opacity: 0;
    }
  }
  :host([open]) article:not(.withdrawn) {
    border-color: color-mix(in srgb, var(--ink-3) 45%, var(--line));
  }
  article.supervisor {
    border-color: color-mix(in srgb, var(--accent) 50%, var(--line));
    animation: answered 1.6s ease-out;
  }
  @keyframes answered {
    from {
      opacity: 0;
      background: var(--accent-soft);
    }
    20% {
      opacity: 1;
      background: var(--accent-soft);
    }
  }
  .headline {
    display: flex;
    align-items: flex-start;
    justify-content: space-between;
    gap: 12px;
    width: 100%;
    padding: 12px 16px 4px;
    border: 0;
    border-radius: var(--radius) var(--radius) 0 0;
    color: var(--ink);
    font: 600 var(--text-m) / 24px var(--font);
    text-align: left;
    overflow-wrap: anywhere;
  }
  .headline:hover {
    background: none;
  }
  .headline kbd {
    margin-top: 2px;
    flex: none;
  }
  :host(:not([open])) .headline {
    font-size: var(--text-s);
    line-height: 20px;
  }
  :host(:not([open])) .headline > span {
    display: -webkit-box;
    -webkit-line-clamp: 2;
    -webkit-box-orient: vertical;
    overflow: hidden;
  }
  :is(.headline, .rest) mark {
    background: linear-gradient(transparent 60%, var(--mark) 60%);
  }
  .meta {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 0 16px 12px;
    font-size: var(--text-xs);
    line-height: 16px;
    color: var(--ink-3);
    white-space: nowrap;
  }
  .title {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .state,
  .author,
  .pin {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    font-weight: 500;
    color: var(--ink-2);
  }
  .state.person {
    color: var(--accent);
  }
  .person .icon {
    width: 14px;
    height: 14px;
  }
  .pin {
    gap: 2px;
  }
  .pin .icon {
    width: 12px;
    height: 12px;
  }
  .dot {
    width: 8px;
    height: 8px;
    border-radius: 50%;
    border: 2px solid var(--ink-3);
  }
  .exact {
    color: var(--ok);
  }
  .exact .dot {
    border-color: var(--ok);
    background: var(--ok);
  }
  .likely {
    color: var(--ink-2);
  }
  .likely .dot {
    border-color: var(--ink-2);
    background: linear-gradient(90deg, var(--ink-2) 50%, transparent 50%);
  }
  .author .icon,
  .origin .icon {
    width: 14px;
    height: 14px;
  }
  .origin {
    display: flex;
    align-items: center;
    gap: 6px;
    font-size: var(--text-xs);
    line-height: 16px;
    font-weight: 500;
    color: var(--ink-2);
  }
  .quiet {
    font-weight: 400;
    color: var(--ink-3);
  }
  .details {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
    padding: 0 16px 12px;
  }
  .rest {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
    max-height: 192px;
    overflow-y: auto;
    color: var(--ink-2);
    overflow-wrap: anywhere;
  }
  .rest ol,
  .rest ul {
    padding-left: 20px;
  }
  .rest ol {
    list-style: decimal;
  }
  .rest ul {
    list-style: disc;
  }
  .rest li + li {
    margin-top: 4px;
  }
  figure {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
    margin: 0;
    overflow-wrap: anywhere;
  }
  blockquote {
    max-height: 100px;
    overflow-y: auto;
    line-height: 20px;
  }
  figcaption {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 8px;
    font-size: var(--text-xs);
    color: var(--ink-3);
    position: relative;
    padding-left: 20px;
  }
  figcaption .icon {
    position: absolute;
    left: 0;
    top: 4px;
    width: 14px;
    height: 14px;
  }
  figcaption a {
    line-height: 24px;
    min-width: 24px;
    font-weight: 500;
    text-decoration-color: color-mix(in srgb, var(--accent) 40%, transparent);
  }
  figcaption a:hover {
    text-decoration-color: currentColor;
  }
  .version {
    display: inline-flex;
    gap: 8px;
  }
  assist-article-date {
    font-size: var(--text-xs);
    color: var(--ink-3);
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
  }
  .withdrawn {
    background: var(--surface-2);
    box-shadow: none;
  }
  .withdrawn mark {
    background: var(--hover);
  }
  .withdrawn .headline,
  .withdrawn .state {
    color: var(--ink-3);
  }
`;
