// One service at a time: each has a database, a connection to the broker and dozens of requests.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
