/** The look that text fields, areas and selects share. */
export const CONTROL =
  "w-full min-w-0 rounded-md border border-outline bg-surface text-base text-ink transition-colors hover:border-muted focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 disabled:cursor-not-allowed disabled:bg-sunken disabled:text-faint aria-invalid:border-danger aria-invalid:focus-visible:outline-danger";
