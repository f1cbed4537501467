import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { articleStyles } from '../article/article-styles.js';
import { renderMarkdown } from '../article/render-markdown.js';
import { reset } from '../shared/styles.js';

/** Markdown as the desk's article page shows it; nothing in it can run. */
@customElement('assist-markdown')
export class MarkdownView extends LitElement {
  @property() source = '';
  /** Not said a second time where the text begins with it. */
  @property() heading = '';
  @property() language = '';

  static override styles = [
    reset,
    articleStyles,
    css`
      :host {
        min-height: 0;
        background: none;
        overflow-wrap: anywhere;
      }
      .body,
      .body code {
        font-size: var(--text-s);
        line-height: 22px;
      }
      .body :is(h2, h3, h4, h5, h6) {
        margin-top: 20px;
        font-size: var(--text-s);
      }
      .body h2 {
        font-size: var(--text-m);
        line-height: 24px;
      }
      .body > * + * {
        margin-top: 8px;
      }
      .body > :first-child {
        margin-top: 0;
      }
    `,
  ];

  override render() {
    return html`<div class="body"></div>`;
  }

  override updated(): void {
    const place = this.renderRoot.querySelector<HTMLElement>('.body');
    if (!place) return;
    place.lang = this.language;
    place.replaceChildren(renderMarkdown(this.source, null, this.heading));
  }
}
