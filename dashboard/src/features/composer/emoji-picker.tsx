import { useDeferredValue, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { Input } from "@/components/ui/input";
import { emojiByCategory, findEmoji, nameOfEmoji, recentEmoji, rememberEmoji, type Emoji } from "@/features/composer/emoji-search";
import { useT, type TextKey } from "@/lib/i18n";

const COLUMNS = 9;

/** Emoji by category, found by their names; arrow keys move in the grid. */
export default function EmojiPicker({ onChoose }: { onChoose: (sign: string) => void }) {
  const t = useT();
  const grid = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const wanted = useDeferredValue(query);
  const [recent] = useState(recentEmoji);
  const sections = useMemo(() => {
    if (wanted.trim()) return [{ name: "results", emoji: findEmoji(wanted) }];
    return [...(recent.length > 0 ? [{ name: "recent", emoji: recent }] : []), ...emojiByCategory];
  }, [wanted, recent]);
  const choose = (sign: string) => {
    rememberEmoji(sign);
    onChoose(sign);
  };
  const buttons = () => [...(grid.current?.querySelectorAll<HTMLButtonElement>("button") ?? [])];
  const onKeyDown = (event: KeyboardEvent) => {
    const from = buttons().indexOf(document.activeElement as HTMLButtonElement);
    const turned = document.documentElement.dir === "rtl" ? -1 : 1;
    const step = { ArrowRight: turned, ArrowLeft: -turned, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    const isText = from < 0 && (event.key === "ArrowLeft" || event.key === "ArrowRight");
    if (step === undefined || isText) return;
    event.preventDefault();
    if (from < 0) buttons()[0]?.focus();
    else if (from + step < 0) event.currentTarget.querySelector("input")?.focus();
    else buttons()[Math.min(from + step, buttons().length - 1)]?.focus();
  };
  const first = sections.find((section) => section.emoji.length > 0)?.emoji[0]?.sign;
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the keys are those of the buttons and the field within
    <div onKeyDown={onKeyDown} className="flex w-78 max-w-full flex-col gap-2">
      <Input
        type="search"
        aria-label={t("composer.emoji_search")}
        placeholder={t("composer.emoji_search")}
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && first) choose(first);
        }}
      />
      <div ref={grid} className="h-64 overflow-y-auto">
        {sections.map((section) => (
          <Section key={section.name} name={section.name} emoji={section.emoji} first={first} onChoose={choose} />
        ))}
        <p role="status" className={wanted.trim() && !first ? "p-2 text-muted" : "sr-only"}>
          {wanted.trim() && !first && t("composer.emoji_none")}
        </p>
      </div>
    </div>
  );
}

interface SectionProps {
  name: string;
  emoji: readonly Emoji[];
  first: string | undefined;
  onChoose: (sign: string) => void;
}

function Section({ name, emoji, first, onChoose }: SectionProps) {
  const t = useT();
  const title = t(`composer.emoji_${name}` as TextKey);
  return (
    <section aria-label={title} className="[contain-intrinsic-height:auto_240px] [content-visibility:auto]">
      <h3 className="px-1 pt-1 pb-0.5 text-xs font-medium text-muted">{title}</h3>
      <div className="grid grid-cols-9">
        {emoji.map((each) => (
          <button
            key={each.sign}
            type="button"
            title={nameOfEmoji(each)}
            aria-label={nameOfEmoji(each)}
            // One stop for Tab; the arrows go on from there.
            tabIndex={each.sign === first ? 0 : -1}
            onClick={() => onChoose(each.sign)}
            className="inline-flex aspect-square items-center justify-center rounded-md text-xl hover:bg-hover focus-visible:-outline-offset-2"
          >
            {each.sign}
          </button>
        ))}
      </div>
    </section>
  );
}
