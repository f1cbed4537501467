/** A form that stands as a panel of its own among the views of the console. */

import { css } from 'lit';

export const editorStyles = css`
  h3 {
    margin-bottom: 12px;
  }
  h4 {
    margin: 0;
  }
  form {
    display: grid;
    gap: 16px;
    padding: 16px;
    border: 1px solid var(--line);
    border-radius: 12px;
    background: var(--surface);
  }
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(200px, 1fr));
    gap: 16px;
  }
  .buttons {
    display: flex;
    gap: 8px;
  }
`;
