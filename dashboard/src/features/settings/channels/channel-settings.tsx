import { useMutation } from "@tanstack/react-query";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useToast } from "@/components/ui/toast";
import type { Channel } from "@/features/settings/channels/use-channels";
import { Card } from "@/features/settings/parts/card";
import { useConfirm } from "@/features/settings/parts/confirm";
import { SaveBar, submitting } from "@/features/settings/parts/form-parts";
import { useForm } from "@/features/settings/parts/use-form";
import { useListChange } from "@/features/settings/parts/use-list-change";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

const RATE = { least: 0.1, most: 1000 };

/** Its rate; stop, start and remove, with what each comes to. */
export function ChannelSettings({ channel, onRemoved }: { channel: Channel; onRemoved: () => void }) {
  const t = useT();
  const confirm = useConfirm();
  const change = useListChange<Channel>(keys.channels);
  const path = `/api/v1/channels/${channel.channel_id}`;
  const stopped = channel.state === "stopped";
  const setState = (state: "active" | "stopped") =>
    change({
      now: (items) => items.map((each) => (each.channel_id === channel.channel_id ? { ...each, state, state_reason: null } : each)),
      request: async () => {
        await api.patch(path, { state });
        void queryClient.invalidateQueries({ queryKey: keys.channelSetup(channel.channel_id) });
      },
      told: t(state === "active" ? "settings.channel_started" : "settings.channel_stopped_now"),
    });
  const stop = () =>
    confirm.ask({
      title: t("settings.channel_stop_title", { address: channel.address }),
      text: t("settings.channel_stop_text"),
      action: t("settings.channel_stop"),
      run: () => setState("stopped"),
    });
  const remove = () =>
    confirm.ask({
      title: t("settings.channel_remove_title", { address: channel.address }),
      text: t("settings.channel_remove_text"),
      action: t("common.remove"),
      run: async () => {
        await change({ request: () => api.delete(path), told: t("settings.channel_removed", { address: channel.address }) });
        onRemoved();
      },
    });
  return (
    <Card title={t("settings.channel_running")}>
      <RateForm key={channel.rate} channel={channel} />
      <div className="flex flex-wrap items-center gap-2 border-t border-line pt-3">
        {stopped ? (
          <Button variant="primary" onClick={() => void setState("active").catch(() => undefined)}>{t("settings.channel_start")}</Button>
        ) : (
          <Button onClick={stop}>{t("settings.channel_stop")}</Button>
        )}
        <Button variant="danger-ghost" onClick={remove}>{t("settings.channel_remove")}</Button>
        <span className="basis-full text-sm text-muted">{t(stopped ? "settings.channel_start_hint" : "settings.channel_stop_hint")}</span>
      </div>
      {confirm.dialog}
    </Card>
  );
}

function RateForm({ channel }: { channel: Channel }) {
  const t = useT();
  const toast = useToast();
  const { values, set, dirty, reset } = useForm({ rate: `${channel.rate}` });
  const rate = Number(values.rate);
  const bad = !(rate >= RATE.least && rate <= RATE.most);
  const save = useMutation({
    mutationFn: () => api.patch<Channel>(`/api/v1/channels/${channel.channel_id}`, { rate }),
    onSuccess: (changed) => {
      queryClient.setQueryData<Channel[]>(keys.channels, (all) => all?.map((each) => (each.channel_id === changed.channel_id ? changed : each)));
      toast.success(t("common.saved"));
    },
  });
  return (
    <form className="flex flex-col gap-2" onSubmit={submitting(() => !bad && !save.isPending && save.mutate())}>
      <Field label={t("settings.channel_rate")} description={t("settings.channel_rate_hint")} error={bad ? t("settings.channel_rate_bad", RATE) : save.error && errorText(save.error)}>
        {(control) => <Input {...control} type="number" min={RATE.least} max={RATE.most} step="any" className="w-28!" value={values.rate} onChange={(event) => set({ rate: event.target.value })} />}
      </Field>
      {dirty && <SaveBar dirty={dirty} pending={save.isPending} disabled={bad} onReset={reset} />}
    </form>
  );
}
