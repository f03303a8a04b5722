namespace Pipeline.Edge.Measuring;

/// <summary>Writes what the runtime tells of this process.</summary>
internal static class ProcessMetrics
{
    public static void Write(ExpositionText text)
    {
        text.Single("edge_processors", "gauge", "Processors that the process may use.", Environment.ProcessorCount);
        text.Single("edge_process_memory_bytes", "gauge", "Resident memory of the process.", Environment.WorkingSet);
        text.Single("edge_managed_heap_bytes", "gauge", "Managed memory in use.", GC.GetTotalMemory(forceFullCollection: false));
        text.Single("edge_allocated_bytes_total", "counter", "Managed memory ever allocated.", GC.GetTotalAllocatedBytes());
        text.Single(
            "edge_collection_pause_seconds_total", "counter", "Time that garbage collections held the process.",
            GC.GetTotalPauseDuration().TotalSeconds);
        text.Family("edge_collections_total", "counter", "Garbage collections, by the generation collected.");
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            // The runtime counts an older generation's collection for the younger ones too.
            int count = GC.CollectionCount(generation)
                - (generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0);
            text.Sample($"generation=\"{generation}\"", Math.Max(0, count));
        }

        text.Single("edge_pool_threads", "gauge", "Threads of the pool.", ThreadPool.ThreadCount);
        text.Single("edge_pool_queue_length", "gauge", "Work that waits for a thread of the pool.", ThreadPool.PendingWorkItemCount);
    }
}
