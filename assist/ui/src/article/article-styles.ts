import { css } from 'lit';

export const articleStyles = css`
  :host {
    display: block;
    min-height: 100vh;
    background: var(--surface);
  }
  main {
    max-width: 760px;
    margin: 0 auto;
    padding: 48px 24px 96px;
    overflow-wrap: anywhere;
  }
  main.blank {
    padding-top: 30vh;
  }
  header {
    padding-bottom: 24px;
    margin-bottom: 24px;
    border-bottom: 1px solid var(--line);
  }
  h1 {
    font-size: var(--text-l);
    line-height: 28px;
    letter-spacing: -0.01em;
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    gap: 0 16px;
    margin-top: 4px;
    color: var(--ink-3);
  }
  .status {
    color: var(--warn);
    font-weight: 500;
  }
  .tags {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
    margin-top: 12px;
  }
  .tags li {
    padding: 0 8px;
    border: 1px solid var(--line);
    border-radius: 4px;
    background: var(--surface-2);
    font-size: var(--text-xs);
    line-height: 22px;
    color: var(--ink-2);
  }
  .links {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-top: 16px;
  }
  .body {
    font-size: var(--text-m);
    line-height: 28px;
    color: var(--ink);
  }
  .body > * + * {
    margin-top: 16px;
  }
  .body :is(h2, h3, h4, h5, h6) {
    margin: 32px 0 0;
    font-size: var(--text-m);
    line-height: 24px;
    font-weight: 600;
    scroll-margin-top: 24px;
  }
  .body h2 {
    font-size: var(--text-l);
    line-height: 28px;
  }
  .body > :first-child {
    margin-top: 0;
  }
  .body ul {
    list-style: disc;
    padding-left: 24px;
  }
  .body ol {
    list-style: decimal;
    padding-left: 24px;
  }
  .body li + li {
    margin-top: 4px;
  }
  .body blockquote {
    padding-left: 16px;
    border-left: 3px solid var(--line);
    color: var(--ink-2);
  }
  .body code {
    padding: 2px 4px;
    border-radius: 4px;
    background: var(--hover);
    font: var(--text-s) / 1.5 var(--mono);
  }
  .body pre {
    margin: 0;
    padding: 12px 16px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface-2);
    overflow-x: auto;
    overflow-wrap: normal;
  }
  .body pre + *,
  .body * + pre {
    margin-top: 16px;
  }
  .body pre code {
    padding: 0;
    background: none;
  }
  .body table {
    border-collapse: collapse;
    width: 100%;
    font-size: var(--text-s);
    line-height: 20px;
  }
  .body :is(th, td) {
    padding: 8px 12px;
    border: 1px solid var(--line);
    text-align: left;
    vertical-align: top;
  }
  .body th {
    background: var(--surface-2);
  }
  .body hr {
    border: 0;
    border-top: 1px solid var(--line);
  }
  .body mark {
    padding: 3px 0;
    scroll-margin: 25vh 0;
  }
  .body mark code,
  .body code mark {
    background: var(--mark);
  }
`;
