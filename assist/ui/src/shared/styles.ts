/** Styles that every element shares: reset, buttons, fields, small parts. */

import { css } from 'lit';

export const reset = css`
  :host {
    font: var(--text-s) / 1.5 var(--font);
    color: var(--ink);
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ol,
  ul,
  dl,
  dd,
  blockquote {
    margin: 0;
    padding: 0;
  }
  ol,
  ul {
    list-style: none;
  }
  h1,
  h2,
  h3 {
    font-size: inherit;
    font-weight: 600;
  }
  a {
    color: var(--accent);
    text-underline-offset: 2px;
  }
  :focus {
    outline: none;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  .icon {
    flex: none;
    display: block;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  kbd {
    font: 500 var(--text-xs) / 1 var(--font);
    color: var(--ink-3);
    border: 1px solid var(--line);
    border-radius: 4px;
    padding: 3px 4px;
    white-space: nowrap;
  }
  mark {
    background: var(--mark);
    color: var(--ink);
    border-radius: 2px;
    padding: 1px 0;
    box-decoration-break: clone;
    -webkit-box-decoration-break: clone;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
`;

export const controls = css`
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-height: 28px;
    padding: 0 8px;
    border: 1px solid transparent;
    border-radius: var(--radius-s);
    background: none;
    color: var(--ink-2);
    font: 500 var(--text-s) / 1.25 var(--font);
    text-decoration: none;
    cursor: pointer;
    transition:
      background 120ms,
      color 120ms;
  }
  button:hover,
  .button:hover {
    background: var(--hover);
    color: var(--ink);
  }
  button[aria-pressed='true'] {
    background: var(--accent-soft);
    color: var(--accent);
  }
  button.outline,
  .button.outline {
    border-color: var(--line);
    background: var(--surface);
    color: var(--ink);
  }
  button.outline:hover,
  .button.outline:hover {
    background: var(--hover);
  }
  button:disabled,
  button.outline:disabled {
    color: var(--ink-3);
    cursor: default;
    background: none;
  }
  button.primary {
    background: var(--accent);
    color: var(--accent-ink);
  }
  button.primary:hover {
    background: color-mix(in srgb, var(--accent) 88%, var(--ink));
    color: var(--accent-ink);
  }
  button.primary:disabled {
    background: var(--hover);
    color: var(--ink-3);
  }
  button.small,
  .button.small {
    font-size: var(--text-xs);
    min-height: 24px;
    padding: 0 6px;
    gap: 4px;
  }
  input {
    width: 100%;
    min-height: 36px;
    padding: 0 12px;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius-s);
    background: var(--surface);
    color: var(--ink);
    font: var(--text-s) / 1.25 var(--font);
  }
  input::placeholder {
    color: var(--ink-3);
    opacity: 1;
  }
  input:focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: -1px;
    border-color: var(--accent);
  }
`;

/** A panel's empty, failed or waiting state. */
export const blank = css`
  .blank {
    display: grid;
    justify-items: center;
    gap: 4px;
    padding: 32px 24px;
    text-align: center;
    color: var(--ink-3);
  }
  .blank .icon {
    width: 20px;
    height: 20px;
    margin-bottom: 4px;
  }
  .blank strong {
    color: var(--ink);
    font-weight: 600;
  }
  .blank p {
    max-width: 36ch;
    text-wrap: balance;
  }
  .blank button {
    margin-top: 8px;
  }
`;
