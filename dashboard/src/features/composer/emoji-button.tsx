import { Smile } from "lucide-react";
import { Popover } from "radix-ui";
import { lazy, Suspense, useRef } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { FLOATING } from "@/components/ui/menu-class";
import { Spinner } from "@/components/ui/spinner";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

const EmojiPicker = lazy(() => import("@/features/composer/emoji-picker"));

export function EmojiButton({ onChoose }: { onChoose: (sign: string) => void }) {
  const t = useT();
  const close = useRef<HTMLButtonElement>(null);
  const chosen = useRef<string | null>(null);
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton icon={Smile} label={t("composer.emoji")} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label={t("composer.emoji")}
          className={cx(FLOATING, "p-2")}
          onCloseAutoFocus={(event) => {
            if (chosen.current === null) return;
            // The focus goes on in the text, not back to the button.
            event.preventDefault();
            onChoose(chosen.current);
            chosen.current = null;
          }}
        >
          <Suspense
            fallback={
              <div className="flex h-74 w-78 max-w-full items-center justify-center">
                <Spinner label={t("common.loading")} />
              </div>
            }
          >
            <EmojiPicker
              onChoose={(sign) => {
                chosen.current = sign;
                close.current?.click();
              }}
            />
          </Suspense>
          <Popover.Close ref={close} hidden />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
