-- Carriers that call a number by an id of their own: Meta's webhooks name its phone_number_id, and
-- show the number as text only.

ALTER TABLE channels ADD COLUMN carrier_address text;

-- Like channels_by_address: it is what routes a webhook to its domain.
CREATE UNIQUE INDEX channels_by_carrier_address ON channels (kind, carrier_address)
    WHERE carrier_address IS NOT NULL AND state <> 'removed';
