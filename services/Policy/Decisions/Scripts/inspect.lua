-- Compares the counters of an account with its holds and says where they differ; repairs when told to.
--
-- ARGV[2]: {keep, repair, {target...}}   targets: those of whose counters none may be left without a hold
-- answer:  {live holds, holds, differences, negative counters, commits that the ledger has not heard of, {field, pending, field, pending...}}
local keep, repair, targets = unpack(cmsgpack.unpack(ARGV[2]))

sweep(keep)

-- So many are looked at in one step, because everybody waits for it. With more nothing is compared, and the answer is empty.
local LOOKED_AT = 2000
if call('ZCARD', liveKey) + call('SCARD', waitingKey) > LOOKED_AT then return cmsgpack.pack({}) end

-- Holds that still add something: those that run, and those of which something was committed and that the ledger has not heard of. All the others may be very many.
local should = {}
-- Beside the holds there is what is due, which the sweep has written.
local live, remembered, unsettled = 0, call('HLEN', holdsKey) - 1, 0
local adding = call('ZRANGEBYSCORE', liveKey, '-inf', '(+inf')
for _, id in ipairs(call('SMEMBERS', waitingKey)) do adding[#adding + 1] = id end
for _, id in ipairs(adding) do
  local record = read(id) or { s = '', e = {}, t = true }
  if record.s == 'held' then live = live + 1 end
  if record.s == 'committed' and not record.t then unsettled = unsettled + 1 end
  for _, entry in ipairs(record.e) do
    if entry.k ~= 'r' then
      local held, pending = share(record, entry)
      local name = entry.t .. '/' .. entry.f
      local sum = should[name] or { entry.t, entry.f, 0, 0, entry.k }
      sum[3], sum[4] = sum[3] + held, sum[4] + pending
      should[name] = sum
    end
  end
end

-- Counters that no hold adds anything to hold nothing, also when their holds are lost. A window or a grant has a longer name than a rate or calls at the same time, and these have no cells.
for _, target in ipairs(targets) do
  local fields = call('HGETALL', prefix .. target)
  for index = 1, #fields, 2 do
    local field, kind = fields[index], false
    if #field > 17 then kind = 'w' elseif #field == 16 and #fields[index + 1] == 8 then kind = 'c' end
    local name = target .. '/' .. field
    if kind and not should[name] then should[name] = { target, field, 0, 0, kind } end
  end
end

local differences, negative, pendings = 0, 0, {}
for name, sum in pairs(should) do
  pendings[#pendings + 1], pendings[#pendings + 2] = name, sum[4]
  local value = counter(sum[1], sum[2], sum[5])
  if value then
    local held, pending = sum[5] == 'c' and value[1] or value[3], sum[5] == 'c' and 0 or value[2]
    if held < 0 or pending < 0 then negative = negative + 1 end
    if held ~= sum[3] or pending ~= sum[4] then
      differences = differences + 1
      if repair then
        if sum[5] == 'c' then value[1] = sum[3] else value[2], value[3] = sum[4], sum[3] end
        touch(sum[1], sum[2], sum[5])
      end
    end
  end
end
flush()
return cmsgpack.pack({ live, remembered, differences, negative, unsettled, pendings })
