// Every host here hears the same queue of the run's broker: two at the same time would take each other's events.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
