// The tests share a broker and therefore queue names; and several of them need both cores for processes of their own.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
