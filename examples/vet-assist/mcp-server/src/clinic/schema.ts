/** The clinic's tables. Instants are milliseconds, calendar dates are ISO text; the version is SQLite's `user_version`. */
export const SCHEMA_VERSION = 1

export const SCHEMA = `
-- Whose data this is: set once, by the first start. Subject ids mean nothing without their issuer.
create table clinic (
  only integer primary key check (only = 1),
  issuer text not null
) strict;

create table owners (
  iss text not null,
  sub text not null,
  name text not null,
  phone text,
  primary key (iss, sub)
) strict;

create table pets (
  id text primary key,
  iss text not null,
  sub text not null,
  name text not null,
  species text not null check (species in ('dog', 'cat', 'rabbit')),
  breed text,
  sex text not null check (sex in ('female', 'male', 'unknown')),
  neutered integer not null check (neutered in (0, 1)),
  born_on text,
  weight_kg real check (weight_kg > 0),
  microchip text unique,
  allergies text,
  notes text,
  updated_at integer not null,
  foreign key (iss, sub) references owners (iss, sub)
) strict;
create index pets_by_owner on pets (iss, sub);

create table vaccinations (
  id text primary key,
  pet_id text not null references pets (id),
  vaccine text not null,
  given_on text not null,
  batch text,
  given_by text not null,
  unique (pet_id, vaccine, given_on)
) strict;

create table appointments (
  id text primary key,
  pet_id text not null references pets (id),
  vet_id text not null,
  kind text not null,
  starts_at integer not null,
  ends_at integer not null check (ends_at > starts_at and ends_at - starts_at <= 3600000),
  note text,
  status text not null check (status in ('booked', 'cancelled')),
  booked_at integer not null
) strict;
create index appointments_by_pet on appointments (pet_id, starts_at);

-- The quarter hours that are taken. Its two keys are what makes one of two bookings win: a vet and a pet are each in one
-- place at a time. Only the triggers write it, so booking, moving and cancelling stay one statement each.
create table diary (
  vet_id text not null,
  quarter_at integer not null,
  pet_id text not null,
  appointment_id text not null references appointments (id),
  primary key (vet_id, quarter_at),
  unique (pet_id, quarter_at)
) strict, without rowid;
create index diary_by_appointment on diary (appointment_id);

create trigger appointment_booked after insert on appointments when new.status = 'booked' begin
  insert into diary select new.vet_id, new.starts_at + value * 900000, new.pet_id, new.id
    from json_each('[0,1,2,3]') where new.starts_at + value * 900000 < new.ends_at;
end;
create trigger appointment_changed after update on appointments begin
  delete from diary where appointment_id = new.id;
  insert into diary select new.vet_id, new.starts_at + value * 900000, new.pet_id, new.id
    from json_each('[0,1,2,3]') where new.status = 'booked' and new.starts_at + value * 900000 < new.ends_at;
end;

-- A reminder has a time of its own, or follows its appointment wherever that is moved.
create table reminders (
  id text primary key,
  pet_id text not null references pets (id),
  kind text not null check (kind in ('medication', 'appointment', 'other')),
  message text not null,
  due_at integer,
  appointment_id text references appointments (id),
  minutes_before integer,
  repeat_every integer,
  repeat_unit text check (repeat_unit in ('hour', 'day', 'week', 'month', 'year')),
  repeat_until text,
  first_due_at integer,
  done_at integer,
  set_by text not null,
  check ((due_at is null) = (appointment_id is not null)),
  check ((appointment_id is null) = (minutes_before is null)),
  check ((repeat_every is null) = (repeat_unit is null))
) strict;
create index reminders_by_pet on reminders (pet_id);

create view open_reminders as
  select reminders.*, coalesce(reminders.due_at, appointments.starts_at - minutes_before * 60000) as at
  from reminders left join appointments on appointments.id = appointment_id
  where done_at is null and (appointment_id is null or appointments.status = 'booked');

create table messages (
  id text primary key,
  iss text not null,
  sub text not null,
  pet_id text references pets (id),
  subject text not null,
  body text not null,
  received_at integer not null
) strict;
create index messages_by_sender on messages (iss, sub, received_at);

create virtual table articles using fts5 (id unindexed, topic unindexed, title, body, sources unindexed, tokenize = 'porter unicode61');
`
