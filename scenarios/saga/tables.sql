-- state: placed, reserved, completed or compensated
create table orders (id uuid primary key, amount integer not null, state text not null default 'placed');
-- Events that the broker does not have yet.
create table outbox (number bigserial primary key, order_id uuid not null, amount integer not null);
create table stock (held integer not null);
insert into stock values (0);
-- How orders ended: one row each time.
create table endings (order_id uuid not null, ending text not null);
