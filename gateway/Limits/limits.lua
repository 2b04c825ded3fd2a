-- GCRA over several limits at once: all of them have room, or none is charged.
-- KEYS     one for each limit, all in one hash slot
-- ARGV[1]  how many requests are wanted
-- ARGV     for each limit: microseconds until one request comes back, microseconds that may lie ahead
-- returns  for each limit the microseconds that now lie ahead, then how many requests were granted
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local grant = tonumber(ARGV[1])
local ahead = {}
for i = 1, #KEYS do
  local interval = tonumber(ARGV[2 * i])
  local lead = (tonumber(redis.call('GET', KEYS[i]) or '0') or 0) - now
  if lead < 0 then lead = 0 end
  ahead[i] = lead
  local free = math.floor((tonumber(ARGV[2 * i + 1]) - lead) / interval)
  if grant > 1 and free > 1 then free = math.max(1, math.floor(free / 10)) end
  if free < grant then grant = free end
end
if grant > 0 then
  for i = 1, #KEYS do
    ahead[i] = ahead[i] + grant * tonumber(ARGV[2 * i])
    redis.call('SET', KEYS[i], string.format('%.0f', now + ahead[i]), 'PX', math.ceil(ahead[i] / 1000))
  end
else
  grant = 0
end
ahead[#KEYS + 1] = grant
return ahead
