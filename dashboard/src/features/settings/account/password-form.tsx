import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Field } from "@/components/ui/field";
import { Button } from "@/components/ui/button";
import { useToast } from "@/components/ui/toast";
import { PasswordInput } from "@/features/session/password-input";
import { SHORTEST_PASSWORD } from "@/features/session/password-rules";
import { Card } from "@/features/settings/parts/card";
import { submitting } from "@/features/settings/parts/form-parts";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { setMe, useMe } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

/** A first password, or another one. */
export function PasswordForm() {
  const t = useT();
  const me = useMe();
  const toast = useToast();
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () => api.put("/api/v1/me/password", { password, ...(current === "" ? {} : { current }) }, { anonymous: true }),
    onSuccess: () => {
      setMe({ ...me, has_password: true });
      setCurrent("");
      setPassword("");
      setTried(false);
      void queryClient.invalidateQueries({ queryKey: keys.sessions });
      toast.success(t("settings.password_saved"));
    },
  });
  const has = Array.from(password).length;
  const short = has < SHORTEST_PASSWORD;
  const refused = save.error && errorText(save.error);
  const aboutCurrent = refused !== null && /current|wrong/i.test(refused);
  return (
    <Card
      title={t(me.has_password ? "settings.password_change" : "settings.password_set")}
      description={t(me.has_password ? "settings.password_change_text" : "settings.password_set_text")}
    >
      <form
        noValidate
        className="flex flex-col gap-3"
        onSubmit={submitting(() => {
          setTried(true);
          if (!short && !save.isPending) save.mutate();
        })}
      >
        {/* For the browser's keeper of passwords. */}
        <input type="text" name="email" autoComplete="username" value={me.email} readOnly hidden />
        <div className="grid gap-3 sm:grid-cols-2">
          {me.has_password && (
            <Field label={t("settings.password_current")} description={t("settings.password_current_hint")} error={aboutCurrent ? refused : null}>
              {(control) => (
                <PasswordInput {...control} autoComplete="current-password" dir="ltr" value={current} onChange={(event) => setCurrent(event.target.value)} />
              )}
            </Field>
          )}
          <Field
            label={t("session.invitation_password")}
            description={t("session.invitation_rules", { count: SHORTEST_PASSWORD })}
            error={tried && short ? t("session.invitation_too_short", { count: SHORTEST_PASSWORD, has }) : aboutCurrent ? null : refused}
          >
            {(control) => (
              <PasswordInput {...control} autoComplete="new-password" dir="ltr" value={password} onChange={(event) => setPassword(event.target.value)} />
            )}
          </Field>
        </div>
        <div className="flex justify-end">
          <Button type="submit" variant="primary" disabled={password === ""} pending={save.isPending}>
            {t(me.has_password ? "settings.password_change" : "settings.password_set")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
