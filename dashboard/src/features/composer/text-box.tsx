import type { ChangeEventHandler, ClipboardEventHandler, ComponentProps, KeyboardEventHandler, ReactNode, RefObject } from "react";

export interface Mark {
  start: number;
  end: number;
  look: "error" | "mention";
}

interface TextBoxProps {
  area: RefObject<HTMLTextAreaElement | null>;
  value: string;
  label: string;
  placeholder: string;
  marks: readonly Mark[];
  describedBy: string;
  invalid: boolean;
  /** Of the list of suggestions, while one is open. */
  suggestions: Pick<ComponentProps<"textarea">, "aria-controls" | "aria-activedescendant" | "aria-autocomplete">;
  onChange: ChangeEventHandler<HTMLTextAreaElement>;
  onKeyDown: KeyboardEventHandler<HTMLTextAreaElement>;
  onSelect: () => void;
  onFocus: () => void;
  onBlur: () => void;
  onPaste: ClipboardEventHandler<HTMLTextAreaElement>;
}

/** Of one response, as the server takes it. */
const MOST_CHARACTERS = 20_000;
const TEXT = "px-3 py-2 text-lg whitespace-pre-wrap wrap-anywhere md:text-base";

/** Grows with its text to twelve lines. A copy behind it holds its height and draws the marks. */
export function TextBox({ area, value, label, placeholder, marks, describedBy, invalid, suggestions, ...events }: TextBoxProps) {
  return (
    <div className="max-h-[19rem] min-h-15 overflow-y-auto md:max-h-64 md:min-h-14">
      <div className="relative min-h-15 md:min-h-14">
        <div aria-hidden dir="auto" className={`${TEXT} text-transparent select-none`}>
          {marked(value, marks)}
          {/* A last line break takes room only with something behind it. */}
          {"\u200b"}
        </div>
        <textarea
          {...events}
          {...suggestions}
          ref={area}
          value={value}
          dir="auto"
          rows={1}
          maxLength={MOST_CHARACTERS}
          spellCheck
          enterKeyHint="enter"
          aria-label={label}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          placeholder={placeholder}
          className={`${TEXT} absolute inset-0 size-full resize-none overflow-hidden bg-transparent outline-none`}
        />
      </div>
    </div>
  );
}

const LOOKS = {
  error: "rounded-sm bg-danger-soft outline outline-danger",
  mention: "rounded-sm bg-note-line/40",
};

function marked(text: string, marks: readonly Mark[]): ReactNode[] {
  const parts: ReactNode[] = [];
  let done = 0;
  for (const mark of [...marks].sort((one, other) => one.start - other.start)) {
    if (mark.start < done) continue;
    parts.push(
      text.slice(done, mark.start),
      <span key={mark.start} className={LOOKS[mark.look]}>
        {text.slice(mark.start, mark.end)}
      </span>,
    );
    done = mark.end;
  }
  return [...parts, text.slice(done)];
}
