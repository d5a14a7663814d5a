/** The look that menus, lists and popovers share. */
export const FLOATING =
  "z-50 animate-enter overflow-hidden rounded-lg border border-line bg-raised text-base text-ink shadow-raised outline-none";

export const MENU_ITEM =
  "relative flex min-h-8 cursor-default select-none items-center gap-2 rounded-md px-2 py-1 text-start text-base outline-none data-disabled:pointer-events-none data-disabled:opacity-50 data-highlighted:bg-hover data-[state=open]:bg-hover [&_svg]:size-4 [&_svg]:shrink-0";

export const MENU_LABEL = "px-2 pt-2 pb-1 text-xs font-medium text-faint";
