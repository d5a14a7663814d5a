import { MessageCircle, MessageSquareText, Phone, PhoneCall, type LucideIcon } from "lucide-react";
import type { ChannelKind } from "@/api/types";
import { cx } from "@/lib/class-names";

export const CHANNEL_ICONS: Record<ChannelKind, LucideIcon> = {
  wmsg: MessageCircle,
  wvoice: PhoneCall,
  sms: MessageSquareText,
  phone: Phone,
};

const GROUNDS: Record<ChannelKind, string> = {
  wmsg: "bg-label-green text-label-green-ink",
  wvoice: "bg-label-green text-label-green-ink",
  sms: "bg-label-blue text-label-blue-ink",
  phone: "bg-label-violet text-label-violet-ink",
};

/** The channel as a small disc at the corner of a face. */
export function ChannelDisc({ channel, className }: { channel: ChannelKind; className?: string }) {
  const Icon = CHANNEL_ICONS[channel];
  return (
    <span
      aria-hidden
      className={cx("inline-flex size-4.5 items-center justify-center rounded-full ring-2 ring-surface", GROUNDS[channel], className)}
    >
      <Icon className="size-3" />
    </span>
  );
}
