import { useSearch } from "@tanstack/react-router";
import { ChannelList } from "@/features/settings/channels/channel-list";
import { ChannelPage } from "@/features/settings/channels/channel-page";
import { NewChannel } from "@/features/settings/channels/new-channel";
import { useCan } from "@/lib/me";

/** The list of channels; below it one of them, or a new one. */
export function ChannelsSection() {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const may = useCan("admin");
  if (may && search["new"]) return <NewChannel />;
  if (may && typeof search["channel"] === "string") {
    return <ChannelPage key={search["channel"]} channelId={search["channel"]} step={search["step"] === "3" ? 3 : search["step"] === "4" ? 4 : null} />;
  }
  return <ChannelList />;
}
