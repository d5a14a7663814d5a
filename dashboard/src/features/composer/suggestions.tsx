import { useId, useState, type KeyboardEvent, type ReactNode } from "react";
import { FLOATING, MENU_ITEM } from "@/components/ui/menu-class";
import { cx } from "@/lib/class-names";

export interface Suggestion {
  id: string;
  /** What is shown of it. */
  content: ReactNode;
}

interface SuggestionsOptions<Item> {
  items: readonly Item[];
  open: boolean;
  /** What was asked for: with another question the first one is chosen again. */
  question: string;
  onChoose: (item: Item) => void;
  onClose: () => void;
}

/** A list above the text, worked by the keys of the text. */
export function useSuggestions<Item>({ items, open, question, onChoose, onClose }: SuggestionsOptions<Item>) {
  const listId = useId();
  const [active, setActiveOf] = useState({ question, index: 0 });
  const at = active.question === question ? Math.min(active.index, Math.max(0, items.length - 1)) : 0;
  const setActive = (index: number) => setActiveOf({ question, index });
  const choose = (index: number) => {
    const item = items[index];
    if (item !== undefined) onChoose(item);
  };
  /** Whether the key was the list's. */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (!open || event.nativeEvent.isComposing) return false;
    if (event.key === "Escape") onClose();
    else if (items.length === 0) return false;
    else if (event.key === "ArrowDown") setActive((at + 1) % items.length);
    else if (event.key === "ArrowUp") setActive((at - 1 + items.length) % items.length);
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") choose(at);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const area = open && items.length > 0
    ? ({ "aria-autocomplete": "list", "aria-controls": listId, "aria-activedescendant": `${listId}-${at}` } as const)
    : {};
  return { listId, at, setActive, choose, onKeyDown, area };
}

interface SuggestionListProps {
  list: { listId: string; at: number; setActive: (index: number) => void; choose: (index: number) => void };
  label: string;
  items: readonly Suggestion[];
  /** In place of items when there are none. */
  empty: ReactNode;
}

export function SuggestionList({ list, label, items, empty }: SuggestionListProps) {
  return (
    <div className={cx(FLOATING, "absolute inset-x-2 bottom-full mb-1 max-w-xl")}>
      {items.length === 0 ? (
        <div className="p-3 text-muted">{empty}</div>
      ) : (
        <div id={list.listId} role="listbox" aria-label={label} className="max-h-72 overflow-y-auto p-1">
          {items.map((item, index) => (
            // The keys are the text's; the pointer must not take the focus from it.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={item.id}
              id={`${list.listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === list.at}
              data-highlighted={index === list.at ? "" : undefined}
              ref={(node) => {
                if (index === list.at) node?.scrollIntoView({ block: "nearest" });
              }}
              onPointerMove={() => list.setActive(index)}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => list.choose(index)}
              className={MENU_ITEM}
            >
              {item.content}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
