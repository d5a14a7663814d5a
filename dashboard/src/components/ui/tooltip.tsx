import { Tooltip as Radix } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { Kbd } from "@/components/ui/kbd";

export interface TooltipProps {
  label: ReactNode;
  /** Keys of a shortcut: "alt+e". */
  hotkey?: string;
  side?: ComponentProps<typeof Radix.Content>["side"];
  /** One element that takes a ref and props. */
  children: ReactNode;
}

export const TooltipProvider = ({ children }: { children: ReactNode }) => (
  <Radix.Provider delayDuration={450} skipDelayDuration={150}>
    {children}
  </Radix.Provider>
);

/** A hint for what has a name of its own already: not the only place of anything. */
export function Tooltip({ label, hotkey, side = "top", children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 flex max-w-72 animate-fade items-center gap-2 rounded-md bg-ink px-2 py-1 text-sm text-canvas"
        >
          {label}
          {hotkey && <Kbd combo={hotkey} inverted />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
