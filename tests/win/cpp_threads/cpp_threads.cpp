// The standard library's threads, locks and futures, on libwinpthread-1.dll.
#include "check.h"
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

TEST(threads_count)
{
    std::atomic<int> total{0};
    std::vector<std::thread> all;

    for (int i = 0; i < 8; i++)
        all.emplace_back([&total, i] {
            for (int n = 0; n < 1000; n++)
                total += i;
        });
    for (auto &thread : all)
        thread.join();
    CHECK_EQ(total.load(), 28000);
    CHECK(std::thread::hardware_concurrency() >= 1);
}

TEST(a_queue_between_threads)
{
    std::mutex mutex;
    std::condition_variable filled;
    std::deque<int> queue;
    long long sum = 0;
    std::thread consumer([&] {
        for (int taken = 0; taken < 1000; taken++) {
            std::unique_lock<std::mutex> lock(mutex);
            filled.wait(lock, [&] { return !queue.empty(); });
            sum += queue.front();
            queue.pop_front();
        }
    });

    for (int i = 0; i < 1000; i++) {
        {
            std::lock_guard<std::mutex> lock(mutex);
            queue.push_back(i);
        }
        filled.notify_one();
    }
    consumer.join();
    CHECK_EQ(sum, 499500);
}

struct counted {
    static inline std::atomic<int> made{0}, gone{0};
    int value = 7;
    counted()
    {
        made++;
    }
    ~counted()
    {
        gone++;
    }
};

static thread_local counted own;

TEST(objects_of_a_thread)
{
    own.value = 1;
    int before = counted::made;
    std::thread([] {
        CHECK_EQ(own.value, 7);
        own.value = 2;
    }).join();
    CHECK_EQ(own.value, 1);
    CHECK_EQ(counted::made - before, 1);
    CHECK_EQ(counted::gone.load(), 1);
}

TEST(futures)
{
    auto sum = std::async(std::launch::async, [] {
        std::vector<int> numbers(100);
        std::iota(numbers.begin(), numbers.end(), 1);
        return std::accumulate(numbers.begin(), numbers.end(), 0);
    });
    auto failing = std::async(std::launch::async, []() -> int { throw std::runtime_error("from a thread"); });
    std::string message;

    CHECK_EQ(sum.get(), 5050);
    try {
        failing.get();
    } catch (const std::runtime_error &error) {
        message = error.what();
    }
    CHECK_STR(message.c_str(), "from a thread");
}

TEST(once_and_for_a_time)
{
    std::once_flag flag;
    std::atomic<int> runs{0};
    std::vector<std::thread> all;
    std::timed_mutex mutex;

    for (int i = 0; i < 4; i++)
        all.emplace_back([&] { std::call_once(flag, [&] { runs++; }); });
    for (auto &thread : all)
        thread.join();
    CHECK_EQ(runs.load(), 1);
    mutex.lock();
    std::thread([&] {
        auto start = std::chrono::steady_clock::now();
        CHECK(!mutex.try_lock_for(std::chrono::milliseconds(30)));
        CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(29));
    }).join();
    mutex.unlock();
}

int main()
{
    RUN(threads_count);
    RUN(a_queue_between_threads);
    RUN(objects_of_a_thread);
    RUN(futures);
    RUN(once_and_for_a_time);
    return CHECK_END();
}
