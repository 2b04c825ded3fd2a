-- What every script of an account begins with. Amounts are whole numbers; the caller keeps each below 4e15, so that sums stay exact in Lua's doubles.
--
-- Keys, all in the account's slot. The number is that of the form of what is in them:
--   pol:2:{account}:h   hash    hold id -> record; without a name: when something is due at the earliest, when the keys were renewed, when the last hold has ended at the latest
--   pol:2:{account}:x   sorted  live holds by the moment they expire; one without a name never does and keeps the key there
--   pol:2:{account}:d   sorted  finished holds by the moment they are forgotten
--   pol:2:{account}:w   set     finished holds of which something was committed that the ledger has not heard of
--   pol:2:{account}:T   hash    counters of a target T: a (the account), u<id> (a person in it), k<id> (a key)
--
-- Counters by kind of field, little-endian doubles:
--   window       ledger, pending, held, end   ledger: what the usage ledger has, UNKNOWN when that must be read anew; pending: committed, not yet there
--   rate         cell, sum, amount, then older cells: cell, amount, cell, amount...   cell: the one that was counted in last; sum: of all that were live in it
--   concurrency  running
--   grant        ledger, pending, held, end   of a one-off credit
-- Beside them: e, the epoch of the counters that a target has, 16 bytes, and when the key was renewed, a double; v, the version of the ledger's sums.
--
-- ARGV[1] begins with two doubles: the shift, what is added to the server's clock, which decides (zero outside of tests), and how many finished holds are remembered.
local call, floor, max, min = redis.call, math.floor, math.max, math.min
local pack, parse, sub, rep = struct.pack, struct.unpack, string.sub, string.rep

local time = call('TIME')
local now = tonumber(time[1]) * 1000 + floor(tonumber(time[2]) / 1000) + parse('<d', ARGV[1])

-- A counter is needed for as long as its window can still be committed to. Keys are renewed once a day, so they are kept for one more.
local DAY = 24 * 3600 * 1000
local KEEP_COUNTERS = 41 * DAY

local UNKNOWN, NEVER = -math.huge, math.huge

-- Forms of a record: what was granted, of a hold to which nothing has happened since; everything.
local GRANTED, WHOLE = 1, 2

-- When the last hold ends is remembered to the next ten seconds, so that it is rarely written.
local ROUND = 10000

local due, renewed, latest = 0, 0, 0
local noted = call('HGET', KEYS[1], '')
if noted and #noted == 24 then
  due, renewed, latest = parse('<ddd', noted)
elseif noted then
  -- As it was written before it said when holds end: the sweep, which is due at once, finds that out.
  renewed = parse('<d', noted, 9)
end
