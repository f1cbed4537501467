import { css } from 'lit';

export const knowledgeStyles = css`
  main:not(.blank) {
    flex: 1;
    min-height: 0;
    display: grid;
    grid-template-columns: 336px minmax(0, 1fr);
    grid-template-rows: minmax(0, 1fr);
  }
  .side {
    min-height: 0;
    border-right: 1px solid var(--line);
  }
  .page {
    min-width: 0;
    min-height: 0;
    display: flex;
    flex-direction: column;
    background: var(--surface);
  }
  .page > :not(.back) {
    flex: 1;
    min-height: 0;
  }
  .page > .blank {
    align-content: center;
  }
  .back {
    display: none;
  }
  .back .icon {
    rotate: 90deg;
  }
  @media (max-width: 1180px) {
    main:not(.blank) {
      grid-template-columns: 288px minmax(0, 1fr);
    }
  }
  @media (max-width: 859px) {
    main:not(.blank) {
      grid-template-columns: minmax(0, 1fr);
    }
    .side {
      border: 0;
    }
    main[data-route='home'] .page,
    main:not([data-route='home']) .side {
      display: none;
    }
    .back {
      display: flex;
      align-self: start;
      min-height: 40px;
      margin: 4px 8px 0;
    }
  }
`;
