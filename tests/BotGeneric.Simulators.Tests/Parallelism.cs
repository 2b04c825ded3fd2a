// Hosts are created by a call that blocks until they run. With a limited number of threads, tests that do so at the same time would wait for one another for ever.
[assembly: CollectionBehavior(MaxParallelThreads = -1)]
