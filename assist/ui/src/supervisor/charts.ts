/** Small charts without a library. Every one stands beside the table that it draws. */

import { css, html, svg } from 'lit';

export interface Bar {
  /** As read out and as the table's first column. */
  label: string;
  /** Below the axis; empty for none. */
  tick: string;
  value: number;
}

const GAP_SHARE = 0.25;

/** Columns over time. The drawing is stretched to the room there is; the words are not. */
export function columns(bars: readonly Bar[], label: string) {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const step = 100 / Math.max(1, bars.length);
  return html`<div class="columns">
    <p class="most" aria-hidden="true">${most}</p>
    <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label=${label}>
      ${bars.map(({ label: name, value }, place) => {
        const height = (100 * value) / most;
        const x = place * step + (step * GAP_SHARE) / 2;
        return svg`<rect class="bar" x=${x} y=${100 - height} width=${step * (1 - GAP_SHARE)} height=${height}
          ><title>${name}: ${value}</title></rect>`;
      })}
    </svg>
    <div class="ticks" aria-hidden="true">${bars.map(({ tick }) => html`<span>${tick}</span>`)}</div>
  </div>`;
}

/** One row per name: the name, a bar, the number. The rows are a table already. */
export function rows(bars: readonly (Bar & { shown?: string })[], caption: string) {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  return html`<table class="rows">
    <caption class="visually-hidden">
      ${caption}
    </caption>
    <tbody>
      ${bars.map(
        ({ label, value, shown }) =>
          html`<tr>
            <th scope="row">${label}</th>
            <td class="line">
              <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                <rect class="bar" x="0" y="0" width=${(100 * value) / most} height="8"></rect>
              </svg>
            </td>
            <td class="number">${shown ?? value}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

export const chartStyles = css`
  .columns svg {
    display: block;
    width: 100%;
    height: 120px;
    border: solid var(--line);
    border-width: 1px 0;
    border-bottom-color: var(--line-strong);
  }
  .bar {
    fill: var(--accent);
  }
  .most,
  .ticks {
    font-size: var(--text-xs);
    line-height: 20px;
    color: var(--ink-3);
    font-variant-numeric: tabular-nums;
  }
  .ticks {
    display: flex;
  }
  .ticks span {
    flex: 1 1 0;
    min-width: 0;
    display: flex;
    justify-content: center;
    white-space: nowrap;
  }
  .rows th,
  .rows td {
    padding: 4px 0;
    border: 0;
    vertical-align: middle;
  }
  .rows th {
    max-width: 24ch;
    padding-right: 12px;
    font-weight: 400;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .rows .line {
    width: 100%;
  }
  .rows svg {
    display: block;
    width: 100%;
    height: 8px;
  }
  .rows .number {
    padding-left: 12px;
  }
`;
