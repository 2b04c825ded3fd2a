namespace BotGeneric.AppHost.Native;

/// <summary>What runs, what each waits for, and in which order all of it stops.</summary>
internal sealed class Plan
{
    private readonly Dictionary<IResource, ResourceRunner> _runners;
    private readonly Dictionary<ResourceRunner, int> _order = [];

    public Plan(IEnumerable<ResourceRunner> runners)
    {
        _runners = runners.ToDictionary(runner => runner.Resource);
        foreach (var runner in _runners.Values)
        {
            Order(runner, []);
        }
    }

    public IReadOnlyCollection<ResourceRunner> Runners => _runners.Values;

    /// <summary>What must be healthy before a resource starts.</summary>
    public IReadOnlyList<ResourceRunner> WaitsFor(ResourceRunner runner) =>
        Resolve(runner.Resource.Annotations.OfType<WaitAnnotation>().Select(annotation => annotation.Dependency));

    /// <summary>What must have stopped before a resource stops: everything that waits for it or talks to it.</summary>
    public IReadOnlyList<ResourceRunner> StopsAfter(ResourceRunner runner) =>
        [.. _runners.Values.Where(other => _order[other] > _order[runner] && Needs(other).Contains(runner))];

    private List<ResourceRunner> Needs(ResourceRunner runner) =>
    [
        .. WaitsFor(runner),
        .. Resolve(runner.Resource.Annotations.OfType<ReferenceAnnotation>().Select(annotation => annotation.Resource)),
    ];

    private List<ResourceRunner> Resolve(IEnumerable<IResource> resources) =>
    [
        .. resources
            .Select(resource => resource is IResourceWithParent child ? child.Parent : resource)
            .Distinct()
            .Where(_runners.ContainsKey)
            .Select(resource => _runners[resource]),
    ];

    // Two resources may talk to each other; the one met first then counts as the later one.
    private void Order(ResourceRunner runner, HashSet<ResourceRunner> path)
    {
        if (_order.ContainsKey(runner) || !path.Add(runner))
        {
            return;
        }

        foreach (var needed in Needs(runner))
        {
            Order(needed, path);
        }

        _order[runner] = _order.Count;
    }
}
