-- Compares the counters of an account with its holds and says where they differ; repairs when told to.
--
-- request: {shift, keep, repair}
-- answer:  {live holds, holds, differences, negative counters, {field, counted, should be...}, {pending holds older than a day...}}
local keep, repair = request[2], request[3]

sweep(keep)

local should = {}
local all = redis.call('HGETALL', holdsKey)
local live, known, unsettled = 0, 0, 0
for index = 1, #all, 2 do
  local record = read(all[index])
  known = known + 1
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

local differences, negative, details = 0, 0, {}
for _, sum in pairs(should) do
  local value = counter(sum[1], sum[2])
  if value then
    local held, pending = sum[5] == 'c' and value[1] or value[3], sum[5] == 'c' and 0 or value[2]
    if held < 0 or pending < 0 then negative = negative + 1 end
    if held ~= sum[3] or pending ~= sum[4] then
      differences = differences + 1
      details[#details + 1] = sum[1] .. '/' .. sum[2]
      if repair then
        if sum[5] == 'c' then value[1] = sum[3] else value[2], value[3] = sum[4], sum[3] end
        touch(sum[1], sum[2])
      end
    end
  end
end
flush()
return cmsgpack.pack({ live, known, differences, negative, unsettled, details })
