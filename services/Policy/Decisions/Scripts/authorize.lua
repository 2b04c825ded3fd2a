-- Decides, and holds what is allowed: everything or nothing. Also the enlargement of a hold that runs already. Everything is read in place from packed numbers, and
-- what is rarely needed is not even defined before it is: this is the script that runs for every call.
--
-- ARGV, numbers little-endian, d a double, B one byte, H two:
--   1  the question: d shift, d finished holds remembered, d holds at once, d ttl, d keep, B mode, 32 bytes hold id, for each unit d need, d minimum
--   2  what it is about: d valid from, d valid to, H units, H targets, H grants, H limits
--        target: H counters, 16 bytes epoch ('-' where none is asked for)
--        grant:  H unit, H counter, d amount
--        limit:  B kind, H counter, H unit, d maximum, B enforced, B extended by grants; of a rate also: d length of a cell, B number of cells
--   3  what is kept with the hold (see read)
--   4  sums of the ledger in MessagePack, or nothing:
--        {{target, version, epoch, {field, ledger, end, field, ledger, end...}, regardless of the version}...}
--   5  the fields of the counters, target by target
-- KEYS from 5 on are those of the targets.
-- answer: B status, d now, and when it was decided: d expiry, B whether less is granted than was asked for, for each limit d used, d held; then for each unit d granted
--         where it is less; then for limits that refuse or have been used up: H limit, B refuses, d free again at: of a rate when cells have left; of a window only where
--         holds are in the way, when the last one of the account has ended; TOO_LARGE, HELD, NOTHING
--         after GONE: the state of the hold
local ALLOW, DENY, LOAD, CLOCK, GONE, FULL = 0, 1, 2, 3, 4, 5
local PEEK, HOLD, ENLARGE = 0, 1, 2
local WINDOW, RATE, CONCURRENCY = 1, 2, 3
local NO_SUMS = '----------------'
-- Instead of a time: larger than the whole limit, however long one waits; there would be room without the holds, and nothing is known of when they end.
local TOO_LARGE, HELD, NOTHING = -1, -2, -3
local question, subject = ARGV[1], ARGV[2]
local most, ttl, keep, mode = parse('<dddB', question, 17)
local validFrom, validTo, unitCount, targetCount, grantCount, limitCount, at = parse('<ddHHHH', subject)

-- The caller computed windows by its own clock; at their edges, or when that clock is wrong, it is told the time and asks again.
if now < validFrom or now >= validTo then return pack('<Bd', CLOCK, now) end

if now >= due then library().sweep(keep) end

if ARGV[4] ~= '' and not library().take(cmsgpack.unpack(ARGV[4])) then return pack('<Bd', LOAD, now) end

-- One read for each target. Counters are numbered through; counter c has the field ARGV[c + 4]. Tables begin with eight places, because to grow costs more than the rest.
local values = { false, false, false, false, false, false, false, false }
local counts, epochs, last = { 0, 0 }, { '', '' }, 0
for target = 1, targetCount do
  local count, epoch
  count, epoch, at = parse('<Hc16', subject, at)
  local found = call('HMGET', KEYS[target + 4], 'e', unpack(ARGV, last + 5, last + 4 + count))
  local known = found[1] and sub(found[1], 1, 16)
  if epoch ~= NO_SUMS and known ~= epoch then return pack('<Bd', LOAD, now) end
  counts[target] = count
  epochs[target] = not (known and now - parse('<d', found[1], 17) < DAY) and (known or NO_SUMS)
  for index = 1, count do values[last + index] = found[index + 1] end
  last = last + count
end

local ledger, pending, held, till = { 0, 0, 0, 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0, 0, 0, 0 }
local function window(c)
  if not values[c] then return false end
  ledger[c], pending[c], held[c], till[c] = parse('<dddd', values[c])
  return ledger[c] ~= UNKNOWN
end

-- What grants have left, by unit, with and without what is held of them.
local room, whole, grantsAt = {}, {}, at
for _ = 1, grantCount do
  local unit, c, amount
  unit, c, amount, at = parse('<HHd', subject, at)
  if not window(c) then return pack('<Bd', LOAD, now) end
  local left = max(0, amount - ledger[c] - pending[c])
  whole[unit], room[unit] = (whole[unit] or 0) + left, (room[unit] or 0) + max(0, left - held[c])
end

local needs, leasts, granted, place = { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, 74
for unit = 1, unitCount do
  needs[unit], leasts[unit], place = parse('<dd', question, place)
  granted[unit] = needs[unit]
end

-- Counters as they are met: kind, unit; of a rate the present cell, the sum, the cell's amount and the older cells.
local kinds, unitOf = { false, false, false, false, false, false, false, false }, { 0, 0, 0, 0, 0, 0, 0, 0 }
local present, sums, amounts, older = {}, {}, {}, {}
local counterOf, report, special = { 0, 0, 0, 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, ''
local refused, less, short = false, 0, false
local limitsAt = at
for limit = 1, limitCount do
  local kind, c, unit, maximum, enforced, extends
  kind, c, unit, maximum, enforced, extends, at = parse('<BHHdBB', subject, at)
  counterOf[limit] = c
  local used, free, reserved, need, least, available = 0, 0, 0, 0, 0, 0
  if kind == WINDOW then
    if not kinds[c] and not window(c) then return pack('<Bd', LOAD, now) end
    used, reserved = max(0, ledger[c] + pending[c]), held[c]
    available = maximum - used - reserved
    -- What was used beyond the maximum is taken from credits first, when the ledger hears of it.
    if extends == 1 then
      available = available + (room[unit] or 0)
      if enforced == 1 and granted[unit] > max(0, maximum - used - reserved) then short = true end
    end
    need, least = needs[unit], leasts[unit]
  elseif kind == RATE then
    local length, cells
    length, cells, at = parse('<dB', subject, at)
    need, least = needs[unit], leasts[unit]
    if not kinds[c] then
      local cell, sum, amount, rest = floor(now / length), 0, 0, ''
      if values[c] then
        local latest
        latest, sum, amount = parse('<ddd', values[c])
        rest = sub(values[c], 25)
        if latest ~= cell then
          -- Another cell has begun: some may not count any more.
          local all, live = pack('<dd', latest, amount) .. rest, {}
          sum, amount = 0, 0
          for position = 1, #all, 16 do
            local number, part = parse('<dd', all, position)
            if number == cell then
              sum, amount = sum + part, amount + part
            elseif number >= cell - cells and part > 0 then
              sum = sum + part
              live[#live + 1] = sub(all, position, position + 15)
            end
          end
          rest = table.concat(live)
        end
      end
      present[c], sums[c], amounts[c], older[c] = cell, sum, amount, rest
    end
    used = sums[c]
    available = maximum - used
    local goal = maximum - max(least, 1)
    if used > goal then
      -- As soon as so much has left the window.
      local live, left = { { present[c], amounts[c] } }, used
      for position = 1, #older[c], 16 do live[#live + 1] = { parse('<dd', older[c], position) } end
      table.sort(live, function(one, other) return one[1] < other[1] end)
      for _, cell in ipairs(live) do
        if left <= goal then break end
        left, free = left - cell[2], (cell[1] + cells + 1) * length
      end
    end
  else
    if not kinds[c] then held[c] = values[c] and parse('<d', values[c]) or 0 end
    if mode == HOLD then need, least = 1, 1 end
    reserved = held[c]
    available = maximum - reserved
  end
  kinds[c], unitOf[c] = kind, unit
  -- Where nothing is left nothing begins, whether the call says how much it needs or not; what runs is only asked about what it wants more of.
  local refuses = (least > 0 and least > available) or (available <= 0 and (mode ~= ENLARGE or need > 0))
  if refuses then
    local all, first = extends == 1 and maximum + (whole[unit] or 0) or maximum, max(least, 1)
    if first > all then
      free = all > 0 and TOO_LARGE or NOTHING
    elseif kind == WINDOW and used + first <= all then
      -- A hold that is to be enlarged may be the one in the way.
      free = mode ~= ENLARGE and latest > now and latest or HELD
    end
  end
  if enforced == 1 then
    if refuses then refused = true end
    if kind ~= CONCURRENCY and granted[unit] > available then granted[unit], less = max(0, available), 1 end
  end
  report[limit * 2 - 1], report[limit * 2] = used, reserved
  if refuses or free > 0 then special = special .. pack('<HBd', limit, refuses and 1 or 0, free) end
end

local function answer(status, expiry)
  local text = pack('<BddB' .. rep('d', limitCount * 2), status, now, expiry, less, unpack(report, 1, limitCount * 2))
  if less == 1 then text = text .. pack('<' .. rep('d', unitCount), unpack(granted, 1, unitCount)) end
  return text .. special
end

-- One account must not take the memory of all. The set has one more that is no hold.
if mode == HOLD and not refused and call('ZCARD', KEYS[2]) > most then return answer(FULL, 0) end

-- An enlargement, and a hold that credits may have to cover: everything is written down.
if mode == ENLARGE or (mode == HOLD and short and not refused) then
  local status, state = library().extend({
    id = sub(question, 42, 73), isNew = mode == HOLD, refused = refused, ttl = ttl, keep = keep, granted = granted, report = report, limits = limitCount,
    grants = grantCount, grantsAt = grantsAt, limitsAt = limitsAt, counts = counts
  })
  if status == GONE then return pack('<Bd', GONE, now) .. state end
  return answer(status, state)
end

if refused or mode == PEEK then return answer(refused and DENY or ALLOW, 0) end

-- A new hold that no credit covers: each counter has what was granted of its unit.
local c = 0
for target = 1, targetCount do
  local fields, size = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, 0
  for _ = 1, counts[target] do
    c = c + 1
    local kind, amount, value = kinds[c], granted[unitOf[c]], nil
    if kind == CONCURRENCY then
      held[c] = held[c] + 1
      value = pack('<d', held[c])
    elseif kind == WINDOW and amount > 0 then
      held[c] = held[c] + amount
      value = pack('<dddd', ledger[c], pending[c], held[c], till[c])
    elseif kind == RATE and amount > 0 then
      sums[c] = sums[c] + amount
      value = pack('<ddd', present[c], sums[c], amounts[c] + amount) .. older[c]
    end
    if value then
      fields[size + 1], fields[size + 2] = ARGV[c + 4], value
      size = size + 2
    end
  end
  if size > 0 then
    if epochs[target] then
      fields[size + 1], fields[size + 2] = 'e', epochs[target] .. pack('<d', now)
      size = size + 2
    end
    call('HSET', KEYS[target + 4], unpack(fields, 1, size))
    if epochs[target] then call('PEXPIRE', KEYS[target + 4], KEEP_COUNTERS) end
  end
end

local id = sub(question, 42, 73)
local expiry = now + ttl
local record = pack('<BddH' .. rep('d', unitCount), GRANTED, expiry, now, unitCount, unpack(granted, 1, unitCount)) .. ARGV[3]
local old = now - renewed >= DAY
if old or expiry < due or expiry > latest then
  if old then renewed = now end
  due = min(due, expiry)
  if expiry > latest then latest = expiry + -expiry % ROUND end
  call('HSET', KEYS[1], id, record, '', pack('<ddd', due, renewed, latest))
else
  call('HSET', KEYS[1], id, record)
end
call('ZADD', KEYS[2], expiry, id)
if old then
  call('ZADD', KEYS[2], '+inf', '')
  call('PEXPIRE', KEYS[1], KEEP_COUNTERS)
  call('PEXPIRE', KEYS[2], KEEP_COUNTERS)
end

-- What is shown includes what was just taken.
for limit = 1, limitCount do
  local counter = counterOf[limit]
  if kinds[counter] == RATE then report[limit * 2 - 1] = sums[counter] else report[limit * 2] = held[counter] end
end
return answer(ALLOW, expiry)
